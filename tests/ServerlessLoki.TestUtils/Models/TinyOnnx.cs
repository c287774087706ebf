using System.Runtime.InteropServices;
using System.Text;

namespace ServerlessLoki.TestModels;

/// <summary>Writes small ONNX files (protobuf by hand, onnx.proto field numbers) so that tests need no model files.</summary>
internal sealed class TinyOnnx
{
    public const int Float = 1, UInt8 = 2, Int32 = 6, Int64 = 7, Text = 8, Half = 10;

    private readonly Message _graph = new();
    private readonly Message _model = new();

    public TinyOnnx()
    {
        _model.Number(1, 8); // ir_version
        _model.Nested(8, new Message().Number(2, 13)); // opset_import
        _model.Text(2, "tiny"); // producer_name
    }

    /// <summary>Shape entries: a number is fixed, a name is a dimension that may vary.</summary>
    public TinyOnnx Input(string name, int type, params object[] shape) => ValueInfo(11, name, type, shape);

    public TinyOnnx Output(string name, int type, params object[] shape) => ValueInfo(12, name, type, shape);

    public TinyOnnx Node(string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new Message();
        foreach (var input in inputs) node.Text(1, input);
        foreach (var output in outputs) node.Text(2, output);
        node.Text(4, op);
        foreach (var (name, value) in attributes)
        {
            var attribute = new Message().Text(1, name);
            if (value is string[] texts)
            {
                foreach (var text in texts) attribute.Text(9, text);
                attribute.Number(20, 8);
            }
            else if (value is long[] numbers)
            {
                foreach (var number in numbers) attribute.Number(8, number);
                attribute.Number(20, 7);
            }
            else
            {
                attribute.Number(3, Convert.ToInt64(value)).Number(20, 2);
            }
            node.Nested(5, attribute);
        }
        _graph.Nested(1, node);
        return this;
    }

    /// <summary>ZipMap, as scikit-learn's exports end: <paramref name="scores"/> [N, labels] become a map for each row.</summary>
    public TinyOnnx ZipMap(string scores, string maps, params string[] labels)
    {
        _model.Nested(8, new Message().Text(1, "ai.onnx.ml").Number(2, 2));
        var label = new Message().Text(1, "classlabels_strings").Number(20, 8);
        foreach (var text in labels) label.Text(9, text);
        _graph.Nested(1, new Message().Text(1, scores).Text(2, maps).Text(4, "ZipMap").Text(7, "ai.onnx.ml").Nested(5, label));
        var value = new Message().Nested(1, new Message().Number(1, Float).Nested(2, new Message()));
        var map = new Message().Nested(5, new Message().Number(1, Text).Nested(2, value));
        _graph.Nested(12, new Message().Text(1, maps).Nested(2, new Message().Nested(4, new Message().Nested(1, map))));
        return this;
    }

    public TinyOnnx Constant(string name, float[] values, params long[] shape) =>
        Constant(name, Float, MemoryMarshal.AsBytes<float>(values), shape);

    public TinyOnnx Constant(string name, long[] values, params long[] shape) =>
        Constant(name, Int64, MemoryMarshal.AsBytes<long>(values), shape);

    /// <summary>A forecaster that expects the same rate whatever the last ones were, one sample a step.</summary>
    public static byte[] Rate(int steps, float qps) => new TinyOnnx()
        .Input("rates", Float, "N", steps)
        .Output("next", Float, "N", 1)
        .Constant("none", new float[steps], steps, 1)
        .Constant("qps", [qps], 1)
        .Node("MatMul", ["rates", "none"], ["zero"])
        .Node("Add", ["zero", "qps"], ["next"])
        .Metadata("samples_per_step", "1")
        .ToBytes();

    public TinyOnnx Metadata(string key, string value)
    {
        _model.Nested(14, new Message().Text(1, key).Text(2, value));
        return this;
    }

    public byte[] ToBytes()
    {
        _graph.Text(2, "tiny");
        return _model.Nested(7, _graph).ToBytes();
    }

    /// <summary>"y" = factor * "x", x: [N,3,h,w].</summary>
    public static byte[] Scale(float factor, int height, int width) => new TinyOnnx()
        .Input("x", Float, "N", 3, height, width)
        .Output("y", Float, "N", 3, height, width)
        .Constant("factor", [factor], 1)
        .Node("Mul", ["x", "factor"], ["y"])
        .Metadata("labels", "car,person")
        .ToBytes();

    /// <summary>Sizeable work: "y" = softmax over 3 of the mean of "x" ([N,3,h,w]) through <paramref name="layers"/> convolutions.</summary>
    public static byte[] Classifier(int height, int width, int channels, int layers)
    {
        var model = new TinyOnnx().Input("x", Float, "N", 3, height, width).Output("y", Float, "N", 3);
        var last = "x";
        for (var i = 0; i < layers; i++)
        {
            var (from, to) = (i == 0 ? 3 : channels, i == layers - 1 ? 3 : channels);
            var weights = Enumerable.Range(0, from * to * 9).Select(k => ((k * 7919 % 13) - 6) / 50f).ToArray();
            model.Constant($"w{i}", weights, to, from, 3, 3);
            model.Node("Conv", [last, $"w{i}"], [$"c{i}"], ("pads", new long[] { 1, 1, 1, 1 }), ("kernel_shape", new long[] { 3, 3 }));
            last = $"c{i}";
        }
        return model.Node("GlobalAveragePool", [last], ["pooled"])
            .Node("Flatten", ["pooled"], ["flat"], ("axis", 1L))
            .Node("Softmax", ["flat"], ["y"], ("axis", 1L))
            .ToBytes();
    }

    /// <summary>An output [N, …shape]: "bright" [N, 1, 1, 1] times <paramref name="gain"/> plus <paramref name="fixed"/>.</summary>
    public TinyOnnx Head(string name, int type, float[] @fixed, float[] gain, params long[] shape) => Output(name, type, ["N", .. shape.Cast<object>()])
        .Constant(name + "-column", [-1L, .. shape.Select(_ => 1L)], shape.Length + 1)
        .Constant(name + "-gain", gain, [1, .. shape]).Constant(name + "-fixed", @fixed, [1, .. shape])
        .Node("Reshape", ["bright", name + "-column"], [name + "-bright"])
        .Node("Mul", [name + "-bright", name + "-gain"], [name + "-scaled"]).Node("Add", [name + "-scaled", name + "-fixed"], [name + "-real"])
        .Node("Cast", [name + "-real"], [name], ("to", (long)type));

    private TinyOnnx Constant(string name, int type, ReadOnlySpan<byte> raw, long[] shape)
    {
        var tensor = new Message();
        foreach (var dimension in shape) tensor.Number(1, dimension);
        _graph.Nested(5, tensor.Number(2, type).Text(8, name).Bytes(9, raw));
        return this;
    }

    private TinyOnnx ValueInfo(int field, string name, int type, object[] shape)
    {
        var dimensions = new Message();
        foreach (var dimension in shape)
        {
            dimensions.Nested(1, dimension is string symbol
                ? new Message().Text(2, symbol)
                : new Message().Number(1, Convert.ToInt64(dimension)));
        }
        var tensor = new Message().Number(1, type).Nested(2, dimensions);
        _graph.Nested(field, new Message().Text(1, name).Nested(2, new Message().Nested(1, tensor)));
        return this;
    }

    private sealed class Message
    {
        private readonly List<byte> _bytes = [];

        public Message Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
            return this;
        }

        public Message Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public Message Nested(int field, Message value) => Bytes(field, value.ToBytes());

        public Message Bytes(int field, ReadOnlySpan<byte> value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.AddRange(value);
            return this;
        }

        public byte[] ToBytes() => _bytes.ToArray();

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7) _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
        }
    }
}
