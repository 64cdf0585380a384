"""`python -m services.gateway`"""

from services.gateway.main import create_app
from shared.serve import serve
from shared.settings import GatewaySettings

if __name__ == "__main__":
    settings = GatewaySettings.read()
    serve(create_app(settings), settings)
