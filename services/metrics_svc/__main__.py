"""`python -m services.metrics_svc`: the service, on the address its environment names."""

from shared.starting import importing

if __name__ == "__main__":
    with importing():
        from services.metrics_svc.main import create_app
        from shared.serve import serve
        from shared.settings import ServiceSettings
    settings = ServiceSettings.read("metrics")
    serve(create_app(settings), settings)
