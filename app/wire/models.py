"""Models and deployments on the wire."""

from __future__ import annotations

from typing import Literal

from app.wire.base import WireModel


class Model(WireModel):
    """A model on offer; `note` and `sees_images` are extensions."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    note: str = ""
    sees_images: bool = False


class ModelList(WireModel):
    """All models on offer."""

    object: Literal["list"] = "list"
    data: list[Model]


class ScaleSettings(WireModel):
    """How an Azure deployment scales; here always `standard`."""

    scale_type: Literal["standard"] = "standard"


class Deployment(WireModel):
    """A model on offer, as an Azure deployment."""

    id: str
    object: Literal["deployment"] = "deployment"
    model: str
    owner: str
    status: Literal["succeeded"] = "succeeded"
    created_at: int
    updated_at: int
    scale_settings: ScaleSettings


class DeploymentList(WireModel):
    """All deployments."""

    object: Literal["list"] = "list"
    data: list[Deployment]
