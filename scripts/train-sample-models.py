#!/usr/bin/python3
"""Trains the ONNX variants of the sample pipeline "traffic" on exported scenes.

    scripts/loki sample export --out SCENES --scenes 8000 --seed 1000000000
    scripts/train-sample-models.py --scenes SCENES --out MODELS
    cp MODELS/*.onnx src/ServerlessLoki.Samples/traffic/models/

Needs python3-torch and python3-numpy (Debian: apt-get install python3-torch). Every variant trains alone, from a
fixed seed; --only NAME trains one, and a variant whose .onnx exists is skipped, so an interrupted run goes on.
The variants of a task differ in input resolution, width, depth and training length, in nothing else; the largest start
from the weights of the next smaller one ("start"), which must be trained first and leaves NAME.weights in --out.
"""
import argparse
import math
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTH, HEIGHT = 320, 240
KINDS = ["car", "person"]
VEHICLES = ["private", "taxi", "police", "van", "ambulance", "post", "truck", "fire-engine", "bus"]
PERSONS = ["pedestrian", "worker", "courier", "umbrella", "traveller", "child", "senior"]
STRIDE = 4  # of the detectors' heat map
TOP = 16  # detections returned per scene
MARGIN = 0.1  # of the box, added on each side before a classifier sees it

# input height and width, widths (stem, /4, /8, /16), residual blocks (/4, /8, /16), crop height and width, steps of 16
DETECTORS = {
    "detect-n": dict(size=(96, 128), widths=(16, 16, 16, 32), blocks=(1, 1, 1), crop=(96, 128), steps=2600),
    "detect-s": dict(size=(144, 192), widths=(16, 32, 32, 32), blocks=(1, 1, 1), crop=(112, 128), steps=1200),
    "detect-m": dict(size=(192, 256), widths=(16, 32, 32, 48), blocks=(2, 1, 1), crop=(128, 128), steps=1500),
    "detect-l": dict(size=(240, 320), widths=(16, 32, 32, 48), blocks=(5, 2, 1), crop=(128, 144), steps=600, start="detect-m"),
    "detect-x": dict(size=(352, 480), widths=(16, 32, 32, 48), blocks=(8, 2, 1), crop=(144, 160), steps=600, start="detect-l"),
}

# input height and width, widths (/2, /4, /8), residual blocks, steps of 64
CLASSIFIERS = {
    "classify-vehicle-n": dict(size=(12, 24), widths=(16, 16, 16), blocks=(0, 0, 0), steps=1200),
    "classify-vehicle-s": dict(size=(16, 32), widths=(16, 16, 32), blocks=(1, 0, 0), steps=1000),
    "classify-vehicle-m": dict(size=(24, 48), widths=(16, 32, 32), blocks=(1, 1, 0), steps=1000),
    "classify-vehicle-l": dict(size=(40, 80), widths=(32, 32, 32), blocks=(1, 1, 1), steps=900),
    "classify-vehicle-x": dict(size=(48, 96), widths=(32, 32, 32), blocks=(4, 2, 1), steps=600, start="classify-vehicle-l"),
    "classify-person-s": dict(size=(18, 12), widths=(16, 16, 16), blocks=(0, 0, 0), steps=1200),
    "classify-person-m": dict(size=(32, 24), widths=(16, 32, 32), blocks=(1, 1, 0), steps=900),
    "classify-person-l": dict(size=(48, 32), widths=(32, 32, 32), blocks=(1, 1, 1), steps=900, start="classify-vehicle-l"),
    "classify-person-x": dict(size=(72, 48), widths=(32, 32, 32), blocks=(4, 2, 1), steps=1200, start="classify-person-l"),
}


def conv(i, o, stride=1, k=3):
    return nn.Sequential(nn.Conv2d(i, o, k, stride, k // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = conv(c, c)
        self.b = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return F.relu(x + self.b(self.a(x)))


def blocks(c, n):
    return [Block(c) for _ in range(n)]


class Detector(nn.Module):
    """Centre heat map and box distances at stride 4, over features of strides 4 to 16."""

    def __init__(self, size, widths, blocks_per_stage):
        super().__init__()
        c0, c1, c2, c3 = widths
        n1, n2, n3 = blocks_per_stage
        self.size = size
        self.s4 = nn.Sequential(conv(3, c0, 2), conv(c0, c1, 2), *blocks(c1, n1))
        self.s8 = nn.Sequential(conv(c1, c2, 2), *blocks(c2, n2))
        self.s16 = nn.Sequential(conv(c2, c3, 2), *blocks(c3, n3))
        self.up16 = nn.Sequential(nn.Conv2d(c3, c2, 1), nn.Upsample(scale_factor=2, mode="nearest"))
        self.mix8 = conv(c2, c2)
        self.up8 = nn.Sequential(nn.Conv2d(c2, c1, 1), nn.Upsample(scale_factor=2, mode="nearest"))
        self.mix4 = conv(c1, c1)
        self.neck = conv(c1, 32)
        self.heat = nn.Conv2d(32, len(KINDS), 1)
        self.box = nn.Conv2d(32, 4, 1)
        nn.init.constant_(self.heat.bias, -4.0)
        nn.init.constant_(self.box.bias, 0.5)

    def maps(self, x):
        a = self.s4(x)
        b = self.s8(a)
        b = self.mix8(b + self.up16(self.s16(b)))
        a = self.neck(self.mix4(a + self.up8(b)))
        return self.heat(a), self.box(a)

    def forward(self, x):
        heat, box = self.maps(x)
        heat = torch.sigmoid(heat)
        height, width = self.size[0] // STRIDE, self.size[1] // STRIDE
        peak = (F.max_pool2d(heat, 3, 1, 1) == heat).to(heat.dtype) * heat
        score, at = torch.topk(peak.flatten(1), TOP)
        kind = torch.floor(at.to(torch.float32) / (height * width))
        cell = at - kind.to(torch.int64) * (height * width)
        d = torch.exp(box).flatten(2)
        d = torch.gather(d, 2, cell.unsqueeze(1).expand(-1, 4, -1))
        row = torch.floor(cell.to(torch.float32) / width)
        x0 = cell.to(torch.float32) - row * width + 0.5
        y0 = row + 0.5
        corners = [(x0 - d[:, 0]) / width, (y0 - d[:, 1]) / height, (x0 + d[:, 2]) / width, (y0 + d[:, 3]) / height]
        return torch.stack([c.clamp(0, 1) for c in corners] + [score, kind], 2)


class Classifier(nn.Module):
    def __init__(self, size, widths, blocks_per_stage, classes):
        super().__init__()
        c1, c2, c3 = widths
        n1, n2, n3 = blocks_per_stage
        self.size = size
        self.s2 = nn.Sequential(conv(3, c1, 2), *blocks(c1, n1))
        self.s4 = nn.Sequential(conv(c1, c2, 2), *blocks(c2, n2))
        self.s8 = nn.Sequential(conv(c2, c3, 2), *blocks(c3, n3))
        self.head = nn.Linear(c3, classes)

    def logits(self, x):
        return self.head(self.s8(self.s4(self.s2(x))).mean((2, 3)))

    def forward(self, x):
        return torch.softmax(self.logits(x), 1)


class Scenes:
    """What `loki sample export` wrote: images.u8 and objects.csv."""

    def __init__(self, folder):
        raw = np.fromfile(os.path.join(folder, "images.u8"), np.uint8)
        self.images = raw.reshape(-1, HEIGHT, WIDTH, 3)
        rows = np.loadtxt(os.path.join(folder, "objects.csv"), delimiter=",", skiprows=1, dtype=np.float32)
        self.rows = rows[rows[:, 0] < len(self.images)]
        order = np.searchsorted(self.rows[:, 0], np.arange(len(self.images) + 1))
        self.of = [self.rows[order[i]:order[i + 1]] for i in range(len(self.images))]

    def resized(self, size):
        if size == (HEIGHT, WIDTH):
            return self.images
        out = np.empty((len(self.images), *size, 3), np.uint8)
        for i in range(0, len(out), 64):
            x = torch.from_numpy(self.images[i:i + 64]).permute(0, 3, 1, 2).float()
            y = F.interpolate(x, size, mode="bilinear", align_corners=False)
            out[i:i + 64] = y.round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
        return out


def to_input(batch):
    return torch.from_numpy(np.ascontiguousarray(batch)).permute(0, 3, 1, 2).float().div_(255)


def detector_batch(images, scenes, spec, rng, count):
    """Random windows around objects with their targets; objects mostly outside a window are neither right nor wrong."""
    (h, w), (ch, cw) = spec["size"], spec["crop"]
    gh, gw = ch // STRIDE, cw // STRIDE
    x = np.empty((count, ch, cw, 3), np.uint8)
    heat = np.zeros((count, len(KINDS), gh, gw), np.float32)
    care = np.ones((count, 1, gh, gw), np.float32)
    boxes = np.zeros((count, 4, gh, gw), np.float32)
    weight = np.zeros((count, gh, gw), np.float32)
    scale = np.array([w / WIDTH, h / HEIGHT] * 2, np.float32)
    cy, cx = np.mgrid[0:gh, 0:gw] + 0.5
    for n in range(count):
        i = rng.integers(len(images))
        objects = scenes.of[i]
        b = objects[:, 3:7] * scale
        if len(b) and rng.random() < 0.85:
            chance = 1 + 3 * objects[:, 1]  # people are the harder part: small and thin
            k = b[rng.choice(len(b), p=chance / chance.sum())]
            left = rng.uniform(k[0], k[2]) - cw * rng.uniform(0.25, 0.75)
            top = rng.uniform(k[1], k[3]) - ch * rng.uniform(0.25, 0.75)
        else:
            left, top = rng.uniform(0, w - cw + 1), rng.uniform(0, h - ch + 1)
        left, top = int(np.clip(left, 0, w - cw)), int(np.clip(top, 0, h - ch))
        flip = rng.random() < 0.5
        patch = images[i, top:top + ch, left:left + cw]
        x[n] = patch[:, ::-1] if flip else patch
        for o, (x1, y1, x2, y2) in zip(objects, b):
            area = (x2 - x1) * (y2 - y1)
            x1, x2 = max(x1 - left, 0), min(x2 - left, cw)
            y1, y2 = max(y1 - top, 0), min(y2 - top, ch)
            if x2 <= x1 or y2 <= y1:
                continue
            if flip:
                x1, x2 = cw - x2, cw - x1
            x1, y1, x2, y2 = x1 / STRIDE, y1 / STRIDE, x2 / STRIDE, y2 / STRIDE
            inside = (cx > x1) & (cx < x2) & (cy > y1) & (cy < y2)
            if (x2 - x1) * (y2 - y1) * STRIDE * STRIDE < 0.45 * area:
                care[n, 0][inside] = 0
                continue
            mx, my = (x1 + x2) / 2, (y1 + y2) / 2
            gx, gy = min(int(mx), gw - 1), min(int(my), gh - 1)
            sx, sy = max((x2 - x1) * 0.09, 0.45), max((y2 - y1) * 0.09, 0.45)
            g = np.exp(-((cx - gx - 0.5) ** 2 / (2 * sx * sx) + (cy - gy - 0.5) ** 2 / (2 * sy * sy))).astype(np.float32)
            plane = heat[n, int(o[1])]
            np.maximum(plane, g * (g > 0.01), out=plane)
            near = inside & (g > 0.2)
            near[gy, gx] = True
            near &= g > weight[n]
            weight[n][near] = g[near]
            for c, v in enumerate((x1, y1, x2, y2)):
                boxes[n, c][near] = v
    return to_input(x), torch.from_numpy(heat), torch.from_numpy(care), torch.from_numpy(boxes), torch.from_numpy(weight)


def detector_loss(model, batch):
    x, heat, care, boxes, weight = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):  # twice as fast where the processor has it; weights stay FP32
        logits, d = model.maps(x)
    logits, d = logits.float(), d.float()
    p = torch.sigmoid(logits).clamp(1e-5, 1 - 1e-5)
    hit = (heat == 1).float()
    focal = hit * (1 - p) ** 2 * torch.log(p) + (1 - hit) * (1 - heat) ** 4 * p ** 2 * torch.log(1 - p)
    loss = -(focal * care).sum() / hit.sum().clamp(min=1)
    n, iy, ix = torch.nonzero(weight, as_tuple=True)
    d = torch.exp(d[n, :, iy, ix].clamp(max=5))
    px, py = ix + 0.5, iy + 0.5
    x1, y1, x2, y2 = px - d[:, 0], py - d[:, 1], px + d[:, 2], py + d[:, 3]
    t = boxes[n, :, iy, ix]
    iw = (torch.minimum(x2, t[:, 2]) - torch.maximum(x1, t[:, 0])).clamp(min=0)
    ih = (torch.minimum(y2, t[:, 3]) - torch.maximum(y1, t[:, 1])).clamp(min=0)
    inter = iw * ih
    union = (x2 - x1) * (y2 - y1) + (t[:, 2] - t[:, 0]) * (t[:, 3] - t[:, 1]) - inter
    hull = (torch.maximum(x2, t[:, 2]) - torch.minimum(x1, t[:, 0])) * (torch.maximum(y2, t[:, 3]) - torch.minimum(y1, t[:, 1]))
    giou = inter / union - (hull - union) / hull
    k = weight[n, iy, ix]
    return loss + 2 * ((1 - giou) * k).sum() / k.sum().clamp(min=1)


def crop_resize(image, box, size):
    """The product's crop-resize: the box with a margin, cut at the border, bilinear with pixel centres at halves."""
    x1, y1, x2, y2 = box
    mx, my = (x2 - x1) * MARGIN, (y2 - y1) * MARGIN
    x1, y1, x2, y2 = max(x1 - mx, 0), max(y1 - my, 0), min(x2 + mx, WIDTH), min(y2 + my, HEIGHT)
    h, w = size
    ys = np.clip(y1 + (np.arange(h) + 0.5) * (y2 - y1) / h - 0.5, 0, HEIGHT - 1).astype(np.float32)
    xs = np.clip(x1 + (np.arange(w) + 0.5) * (x2 - x1) / w - 0.5, 0, WIDTH - 1).astype(np.float32)
    y0, x0 = ys.astype(np.int32), xs.astype(np.int32)
    fy, fx = (ys - y0)[:, None, None], (xs - x0)[None, :, None]
    top, left = y0[0], x0[0]
    patch = image[top:y0[-1] + 2, left:x0[-1] + 2].astype(np.float32)
    y0, x0 = y0 - top, x0 - left
    y1, x1 = np.minimum(y0 + 1, patch.shape[0] - 1), np.minimum(x0 + 1, patch.shape[1] - 1)
    rows = patch[y0] * (1 - fy) + patch[y1] * fy
    return rows[:, x0] * (1 - fx) + rows[:, x1] * fx


def classifier_batch(scenes, rows, spec, rng, count):
    x = np.empty((count, *spec["size"], 3), np.float32)
    y = np.empty(count, np.int64)
    for n in range(count):
        o = rows[rng.integers(len(rows))]
        b = o[3:7]
        size = np.array([b[2] - b[0], b[3] - b[1]] * 2)
        b = b + rng.normal(0, 0.035, 4) * size
        patch = crop_resize(scenes.images[int(o[0])], b, spec["size"])
        x[n] = patch[:, ::-1] if rng.random() < 0.5 else patch
        y[n] = int(o[2])
    return to_input(x), torch.from_numpy(y)


def build(name):
    spec = DETECTORS.get(name) or CLASSIFIERS[name]
    torch.manual_seed(sum(map(ord, name)))
    if name in DETECTORS:
        return Detector(spec["size"], spec["widths"], spec["blocks"]), spec
    return Classifier(spec["size"], spec["widths"], spec["blocks"], len(labels_of(name))), spec


def grow(model, smaller):
    """Takes over what a smaller variant has learnt; blocks that it lacks begin as the identity."""
    own = model.state_dict()
    taken = {k: v for k, v in smaller.items() if k in own and v.shape == own[k].shape}
    for name, module in model.named_modules():
        if isinstance(module, Block) and name + ".b.1.weight" not in taken:
            nn.init.zeros_(module.b[1].weight)
    model.load_state_dict(taken, strict=False)


def labels_of(name):
    return KINDS if name in DETECTORS else VEHICLES if "vehicle" in name else PERSONS


def export(model, name, folder):
    model = model.to(memory_format=torch.contiguous_format).eval()
    path = os.path.join(folder, name + ".onnx")
    output = "detections" if name in DETECTORS else "probabilities"
    x = torch.rand(2, 3, *model.size)
    torch.onnx.export(
        model, x, path + ".part", input_names=["image"], output_names=[output], opset_version=16,
        dynamic_axes={"image": {0: "batch"}, output: {0: "batch"}})
    with open(path + ".part", "ab") as f:
        for key, value in (("labels", ",".join(labels_of(name))), ("task", name.rsplit("-", 1)[0])):
            f.write(metadata(key, value))
    os.replace(path + ".part", path)


def metadata(key, value):
    """One metadata_props entry (field 14 of ModelProto); appended fields of a repeated kind are legal protobuf."""
    def field(number, data):
        assert len(data) < 128
        return bytes([number << 3 | 2, len(data)]) + data
    return field(14, field(1, key.encode()) + field(2, value.encode()))


def average_precision(model, scenes, images):
    """mAP@0.5 over the two kinds, to watch training only; the committed figures come from `loki sample evaluate`."""
    model.eval()
    found, truth = [[], []], [0, 0]
    with torch.no_grad():
        for i in range(0, len(images), 16):
            for j, out in enumerate(model(to_input(images[i:i + 16])).numpy()):
                rows = scenes.of[i + j]
                for k in (0, 1):
                    boxes = [r[3:7] for r in rows if r[1] == k]
                    truth[k] += len(boxes)
                    free = list(range(len(boxes)))
                    for d in out[out[:, 5] == k]:
                        b = d[:4] * [WIDTH, HEIGHT, WIDTH, HEIGHT]
                        best, at = 0.5, -1
                        for f in free:
                            g = boxes[f]
                            iw, ih = min(b[2], g[2]) - max(b[0], g[0]), min(b[3], g[3]) - max(b[1], g[1])
                            if iw > 0 and ih > 0:
                                o = iw * ih / ((b[2] - b[0]) * (b[3] - b[1]) + (g[2] - g[0]) * (g[3] - g[1]) - iw * ih)
                                if o >= best:
                                    best, at = o, f
                        if at >= 0:
                            free.remove(at)
                        found[k].append((d[4], at >= 0))
    result = []
    for k in (0, 1):
        hits = np.array([h for _, h in sorted(found[k], key=lambda p: -p[0])], float)
        precision = np.cumsum(hits) / (np.arange(len(hits)) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        result.append(float((precision * hits).sum() / max(truth[k], 1)))
    return result


def train(name, scenes, held_out, folder, log):
    model, spec = build(name)
    model = model.to(memory_format=torch.channels_last)  # a fifth faster to train here
    rng = np.random.default_rng(sum(map(ord, name)))
    detector = name in DETECTORS
    images = scenes.resized(spec["size"]) if detector else None
    rows = None if detector else scenes.rows[scenes.rows[:, 1] == (0 if "vehicle" in name else 1)]
    peak = 3e-3
    if "start" in spec:
        peak = 2e-3
        grow(model, torch.load(os.path.join(folder, spec["start"] + ".weights")))
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.02)
    steps, start, shown = spec["steps"], time.time(), 0.0
    state = os.path.join(folder, name + ".state")
    first = 0
    if os.path.exists(state):
        saved = torch.load(state)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        rng.bit_generator.state = saved["rng"]
        first = saved["step"]
    for step in range(first, steps):
        rate = peak * min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimiser.param_groups:
            group["lr"] = rate
        model.train()
        if detector:
            loss = detector_loss(model, detector_batch(images, scenes, spec, rng, 16))
        else:
            x, y = classifier_batch(scenes, rows, spec, rng, 64)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                guess = model.logits(x)
            loss = F.cross_entropy(guess.float(), y, label_smoothing=0.03)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimiser.step()
        shown += float(loss)
        if (step + 1) % 100 == 0:
            log(f"{name} {step + 1}/{steps} loss {shown / 100:.3f} {(time.time() - start) / (step + 1 - first) * 1000:.0f} ms/step")
            shown = 0.0
        if (step + 1) % 300 == 0:
            torch.save(dict(model=model.state_dict(), optimiser=optimiser.state_dict(), rng=rng.bit_generator.state, step=step + 1), state)
    torch.save(model.state_dict(), os.path.join(folder, name + ".weights"))
    export(model, name, folder)
    if os.path.exists(state):
        os.remove(state)
    if held_out:
        if detector:
            log(f"{name} AP {average_precision(model, held_out, held_out.resized(spec['size']))}")
        else:
            model.eval()
            mine = held_out.rows[held_out.rows[:, 1] == rows[0, 1]]
            x = np.stack([crop_resize(held_out.images[int(o[0])], o[3:7], spec["size"]) for o in mine])
            with torch.no_grad():
                guess = torch.cat([model(to_input(x[i:i + 64])) for i in range(0, len(x), 64)]).argmax(1).numpy()
            log(f"{name} top-1 {(guess == mine[:, 2]).mean():.4f}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scenes", help="folder that `loki sample export` wrote")
    arguments.add_argument("--held-out", help="another such folder, other seeds: accuracy is printed after training")
    arguments.add_argument("--out", required=True, help="where the .onnx files go")
    arguments.add_argument("--only", action="append", choices=[*DETECTORS, *CLASSIFIERS], help="train this variant; may repeat")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--untrained", action="store_true", help="export random weights, to time an architecture")
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    os.makedirs(given.out, exist_ok=True)

    def log(line):
        print(time.strftime("%H:%M:%S"), line, flush=True)

    names = given.only or [*DETECTORS, *CLASSIFIERS]
    if given.untrained:
        for name in names:
            model, _ = build(name)
            export(model, name, given.out)
            log(f"{name} {sum(p.numel() for p in model.parameters())} parameters")
        return
    scenes = Scenes(given.scenes)
    held_out = Scenes(given.held_out) if given.held_out else None
    for name in names:
        if os.path.exists(os.path.join(given.out, name + ".onnx")):
            log(f"{name} is there already")
        else:
            train(name, scenes, held_out, given.out, log)


if __name__ == "__main__":
    main()
