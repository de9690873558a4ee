"""`/models` and `/deployments`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentEngine
from app.api.responses import WireResponse
from app.engine.models.port import ModelInfo
from app.errors import NotFound
from app.wire.models import Deployment, DeploymentList, Model, ModelList, ScaleSettings

router = APIRouter(tags=["Models"])
azure_router = APIRouter(tags=["Models"])


@router.get("/models", response_model=ModelList)
async def list_models(engine: CurrentEngine) -> WireResponse:
    """List the models on offer, from every provider."""
    return WireResponse(ModelList(data=[_model(info) for info in await engine.models.models()]))


@router.get("/models/{model:path}", response_model=Model)
async def get_model(engine: CurrentEngine, model: str) -> WireResponse:
    """Retrieve one model."""
    for info in await engine.models.models():
        if info.id == model:
            return WireResponse(_model(info))
    raise NotFound(f"The model '{model}' does not exist.", param="model", code="model_not_found")


@azure_router.get("/deployments", response_model=DeploymentList)
async def list_deployments(engine: CurrentEngine) -> WireResponse:
    """List the models on offer as Azure deployments."""
    return WireResponse(DeploymentList(data=[_deployment(info) for info in await engine.models.models()]))


def _model(info: ModelInfo) -> Model:
    return Model(
        id=info.id,
        created=info.created_at,
        owned_by=info.owned_by or info.provider,
        note=info.note,
        sees_images=info.sees_images,
    )


def _deployment(info: ModelInfo) -> Deployment:
    return Deployment(
        id=info.id,
        model=info.id,
        owner=info.owned_by or info.provider,
        created_at=info.created_at,
        updated_at=info.created_at,
        scale_settings=ScaleSettings(),
    )
