"""The same registry in Django REST framework, as a seasoned user of it would write it: one file, run by gunicorn.

Equal work: the token is checked against the database, the permission by the role of its user, the body validated by a serializer.
Who is registered has no identifier of another's and is no likely duplicate: no name in the country is nearly the same (pg_trgm,
by an index). The enterprise, its history, an audit entry and an event for the outbox are one transaction; of many at once each is
one statement. Pages go by a cursor, not by an offset.

Less than ours: one measure of likeness for all names, no identifiers' check digits, nobody waits for a twin that is being
registered at the same moment, the audit is not chained, and nothing carries the events away.
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
        "django.contrib.postgres",
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
            # names that are less alike are not looked at
            "OPTIONS": {"options": "-c pg_trgm.similarity_threshold=0.8"},
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
from django.contrib.postgres.indexes import GinIndex  # noqa: E402
from django.core.serializers.json import DjangoJSONEncoder  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import IntegrityError, connection, models, transaction  # noqa: E402
from django.urls import include, path  # noqa: E402
from rest_framework import exceptions, permissions, routers, serializers, viewsets  # noqa: E402
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
        indexes = [
            GinIndex(fields=["legal_name"], opclasses=["gin_trgm_ops"], name="enterprises_alike"),
            GinIndex(fields=["identifiers"], name="enterprises_identifiers"),
        ]


class History(models.Model):
    aggregate_id = models.UUIDField(db_index=True)
    version = models.IntegerField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.TextField()
    changes = models.JSONField()

    class Meta:
        app_label = "peer"
        db_table = "history"


class Audit(models.Model):
    at = models.DateTimeField(auto_now_add=True)
    by = models.TextField()
    request_id = models.TextField()
    action = models.CharField(max_length=40)
    aggregate_id = models.UUIDField(db_index=True)

    class Meta:
        app_label = "peer"
        db_table = "audit"


class Outbox(models.Model):
    event_id = models.UUIDField(default=uuid.uuid4, unique=True)
    subject = models.TextField()
    aggregate_id = models.UUIDField()
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    occurred_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "peer"
        db_table = "outbox"
        indexes = [models.Index(fields=["id"], condition=models.Q(published_at=None), name="outbox_waiting")]


class EnterpriseSerializer(serializers.ModelSerializer):
    country = serializers.RegexField("^[A-Z]{2}$")
    isic = serializers.RegexField("^[0-9]{4}$", allow_null=True, required=False)

    class Meta:
        model = Enterprise
        exclude = ["created_by"]
        read_only_fields = ["id", "version", "created_at", "updated_at", "state", "reason"]


class ManyEnterprisesSerializer(EnterpriseSerializer):
    """Whether an external_ref is free is asked once, by the insert, and not for each."""

    class Meta(EnterpriseSerializer.Meta):
        extra_kwargs = {"external_ref": {"validators": []}}


class MayWork(permissions.BasePermission):
    """Whoever is staff writes, whoever is known reads."""

    def has_permission(self, request, view):
        reads = request.method in permissions.SAFE_METHODS
        return bool(request.user and request.user.is_authenticated and (reads or request.user.is_staff))


class Pages(CursorPagination):
    page_size = 50
    page_size_query_param = "limit"
    ordering = ("created_at", "id")


class Conflict(exceptions.APIException):
    status_code = 409
    default_detail = "Another enterprise has this identifier, or looks like this one."


def refuse_taken(wanted):
    """`wanted`: validated values; one query each, however many there are."""
    numbers = [number for values in wanted for number in values.get("identifiers", [])]
    if numbers and Enterprise.objects.filter(identifiers__overlap=numbers).exists():
        raise Conflict
    alike = models.Q()
    for values in wanted:
        alike |= models.Q(country=values["country"], legal_name__trigram_similar=values["legal_name"])
    if Enterprise.objects.filter(alike).exists():
        raise Conflict


def tell(made, wanted, request):
    """Their history, audit and events."""
    by, request_id = request.user.username, request.headers.get("X-Request-ID", "")
    pairs = list(zip(made, wanted, strict=True))
    History.objects.bulk_create(
        History(
            aggregate_id=one.id, version=one.version, by=by, changes={name: [None, to] for name, to in values.items()}
        )
        for one, values in pairs
    )
    Audit.objects.bulk_create(
        Audit(by=by, request_id=request_id, action="register_enterprise", aggregate_id=one.id) for one in made
    )
    Outbox.objects.bulk_create(
        Outbox(subject="enterprise.registered", aggregate_id=one.id, payload={"id": one.id, "version": 1, **values})
        for one, values in pairs
    )


class Enterprises(viewsets.ModelViewSet):
    queryset = Enterprise.objects.all()
    serializer_class = EnterpriseSerializer
    permission_classes = [MayWork]
    pagination_class = Pages
    filterset_fields = ["country", "state", "isic", "external_ref"]

    @transaction.atomic
    def perform_create(self, serializer):
        refuse_taken([serializer.validated_data])
        enterprise = serializer.save(created_by=self.request.user.username)
        tell([enterprise], [serializer.validated_data], self.request)

    @action(detail=False, methods=["post"])
    def bulk(self, request):
        """Many at once: validated together, written together."""
        serializer = ManyEnterprisesSerializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        wanted, by = serializer.validated_data, request.user.username
        try:
            with transaction.atomic():
                refuse_taken(wanted)
                made = Enterprise.objects.bulk_create(Enterprise(created_by=by, **values) for values in wanted)
                tell(made, wanted, request)
        except IntegrityError as taken:
            raise Conflict("An external_ref is taken.") from taken
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
    with connection.cursor() as cursor:
        cursor.execute("create extension if not exists pg_trgm")
    with connection.schema_editor() as editor:
        for model in (Enterprise, History, Audit, Outbox):
            editor.create_model(model)
    user = User.objects.create(username="bench", is_staff=True)
    print(Token.objects.create(user=user).key)


if __name__ == "__main__":
    make_tables()
