"""The data sets whose pictures can be converted, by the name that people type."""

from .coco_images import CocoImages
from .h36m_images import H36MImages
from .images_convert import PictureReader
from .panoptic_images import PanopticImages

FORMATS: dict[str, type[PictureReader]] = {
    "coco-images": CocoImages,
    "h36m-images": H36MImages,
    "panoptic-images": PanopticImages,
}
