"""`python -m tests.matching` prints how good the matching is."""

from tests.matching.persons import febrl
from tests.matching.scores import registry


def main() -> None:
    print(f"enterprises, several scripts   {registry()}")
    for files in (["dataset1"], ["dataset2"], ["dataset3"], ["dataset4a", "dataset4b"]):
        print(f"FEBRL {' '.join(files):24} {febrl(*files)}")


main()
