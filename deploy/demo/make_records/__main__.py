from pathlib import Path

from deploy.demo.make_records.files import all_files

RECORDS = Path(__file__).parent.parent / "records"

if __name__ == "__main__":
    for name, text in all_files().items():
        (RECORDS / name).write_text(text, encoding="utf-8")
        print(f"{name}: {text.count(chr(10))} lines")
