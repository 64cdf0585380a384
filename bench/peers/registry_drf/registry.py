"""The same registry in Django REST framework, as a seasoned user of it would write it: one file, run by gunicorn.

Equal work: the token is checked against the database, the permission by the role of its user, the body validated by a serializer,
a change written with its history in one transaction. Pages go by a cursor, not by an offset.
"""

import os
import uuid

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    SECRET_KEY="only for a bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    TIME_ZONE="UTC",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "rest_framework",
        "rest_framework.authtoken",
        "django_filters",
    ],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PEER_DATABASE"],
            "USER": os.environ["PEER_USER"],
            "PASSWORD": os.environ["PEER_PASSWORD"],
            "HOST": "127.0.0.1",
            "PORT": os.environ["PEER_PORT"],
            "CONN_MAX_AGE": 600,
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    },
)
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import permissions, routers, serializers, viewsets  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_framework.decorators import action  # noqa: E402
from rest_framework.pagination import CursorPagination  # noqa: E402
from rest_framework.response import Response  # noqa: E402

STATES = ["registered", "eligible", "ineligible", "enrolled", "active", "dormant", "completed", "withdrawn", "closed"]


class Enterprise(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)
    created_by = models.TextField(default="")
    external_ref = models.CharField(max_length=200, null=True, unique=True)
    legal_name = models.CharField(max_length=500, db_index=True)
    country = models.CharField(max_length=2, db_index=True)
    local_name = models.CharField(max_length=500, null=True)
    trade_names = ArrayField(models.CharField(max_length=500), default=list)
    subdivision = models.CharField(max_length=500, null=True)
    address = models.JSONField(null=True)
    location = models.JSONField(null=True)
    isic = models.CharField(max_length=4, null=True, db_index=True)
    languages = ArrayField(models.CharField(max_length=20), default=list)
    identifiers = ArrayField(models.TextField(), default=list)
    workforce = models.JSONField(null=True)
    state = models.CharField(max_length=40, default="registered", db_index=True, choices=[(one, one) for one in STATES])
    reason = models.CharField(max_length=500, null=True)

    class Meta:
        app_label = "peer"
        db_table = "enterprises"


class History(models.Model):
    aggregate_id = models.UUIDField(db_index=True)
    version = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.TextField()
    changes = models.JSONField()

    class Meta:
        app_label = "peer"
        db_table = "history"


class EnterpriseSerializer(serializers.ModelSerializer):
    country = serializers.RegexField("^[A-Z]{2}$")
    isic = serializers.RegexField("^[0-9]{4}$", allow_null=True, required=False)

    class Meta:
        model = Enterprise
        exclude = ["created_by"]
        read_only_fields = ["id", "version", "created_at", "updated_at", "state", "reason"]


class MayWork(permissions.BasePermission):
    """Whoever is staff writes, whoever is known reads."""

    def has_permission(self, request, view):
        reads = request.method in permissions.SAFE_METHODS
        return bool(request.user and request.user.is_authenticated and (reads or request.user.is_staff))


class Pages(CursorPagination):
    page_size = 50
    page_size_query_param = "limit"
    ordering = ("created_at", "id")


def history_of(enterprise, data, by):
    changes = {name: [None, value] for name, value in data.items()}
    return History(aggregate_id=enterprise.id, version=enterprise.version, by=by, changes=changes)


class Enterprises(viewsets.ModelViewSet):
    queryset = Enterprise.objects.all()
    serializer_class = EnterpriseSerializer
    permission_classes = [MayWork]
    pagination_class = Pages
    filterset_fields = ["country", "state", "isic", "external_ref"]

    @transaction.atomic
    def perform_create(self, serializer):
        enterprise = serializer.save(created_by=self.request.user.username)
        history_of(enterprise, serializer.validated_data, self.request.user.username).save()

    @action(detail=False, methods=["post"])
    def bulk(self, request):
        """Many at once: validated together, written together."""
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        by = request.user.username
        with transaction.atomic():
            made = Enterprise.objects.bulk_create(
                Enterprise(created_by=by, **values) for values in serializer.validated_data
            )
            pairs = zip(made, serializer.validated_data, strict=True)
            History.objects.bulk_create(history_of(one, values, by) for one, values in pairs)
        return Response({"created": len(made)}, status=201)


def live(request):
    from django.http import HttpResponse

    return HttpResponse("live")


router = routers.SimpleRouter(trailing_slash=False)
router.register("enterprises", Enterprises)
urlpatterns = [path("live", live), path("", include(router.urls))]
application = get_wsgi_application()


def make_tables() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Enterprise)
        editor.create_model(History)
    user = User.objects.create(username="bench", is_staff=True)
    print(Token.objects.create(user=user).key)


if __name__ == "__main__":
    make_tables()
