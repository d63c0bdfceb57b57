"""Where previews are asked for."""

from __future__ import annotations

from mlstudio.entities.errors import NotFound
from mlstudio.entities.experiments import ArtifactItem
from mlstudio.entities.previews import Preview
from mlstudio.entities.wire import encode
from mlstudio.store.artifacts import BlobStore


class PreviewDesk:
    """Answers with previews.

    Args:
        blobs: where the bytes are.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def preview(self, item: ArtifactItem) -> bytes:
        """Return the JSON of a `Preview`."""
        return encode(Preview(kind="none", media_type=item.media_type, size=item.size, reason="not shown yet"))

    async def picture(self, item: ArtifactItem, size: int) -> bytes:
        """Return a WebP of at most `size` pixels on a side. Raises: NotFound."""
        raise NotFound(f'Artifact "{item.name}" is no image.')

    def close(self) -> None:
        """End the worker."""
