"""`python -m services.training_svc`: the service, on the address its environment names."""

from services.training_svc.main import create_app
from shared.serve import serve
from shared.settings import ServiceSettings

if __name__ == "__main__":
    settings = ServiceSettings.read("training")
    serve(create_app(settings), settings)
