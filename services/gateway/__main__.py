"""`python -m services.gateway`"""

from shared.starting import importing

if __name__ == "__main__":
    with importing():
        from services.gateway.main import create_app
        from shared.serve import serve
        from shared.settings import GatewaySettings
    settings = GatewaySettings.read()
    serve(create_app(settings), settings)
