using ServerlessLoki.Forecasting;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.TestModels;

namespace ServerlessLoki.Serving.Tests.Models;

public sealed class OnnxSequenceModelTests
{
    // Weights of the gates in ONNX order: input, output, forget, cell.
    private static readonly float[] Weights = [0.3f, -0.2f, 0.5f, 0.4f];
    private static readonly float[] Recurrent = [0.1f, 0.2f, -0.3f, 0.6f];

    [Fact]
    public void Predict_OneUnitLstm_AsByHand()
    {
        using var model = new OnnxSequenceModel(OnnxModel.Load("lstm", Lstm("samples_per_step", "2"), new ModelOptions { MaxBatch = 1 }));

        Assert.Equal((3, 2), (model.Steps, model.SamplesPerStep));
        Assert.Equal(100 * ByHand([0.5f, 1, 2]), model.Predict([0.5f, 1, 2]), 1e-4);
    }

    [Fact]
    public void Create_OnnxForecaster_PeakUntilTheWindowIsFullThenTheModel()
    {
        using var model = new OnnxSequenceModel(OnnxModel.Load("lstm", Lstm("samples_per_step", "2"), new ModelOptions { MaxBatch = 1 }));
        var forecaster = ForecasterRegistry.Default.Create("onnx:lstm.onnx", _ => model);

        foreach (var qps in new[] { 0.5, 0.1, 1, 0, 2 })
            forecaster.Observe(qps);
        Assert.Equal(2, forecaster.ForecastQps);

        forecaster.Observe(1.5);
        Assert.Equal(100 * ByHand([0.5f, 1, 2]), forecaster.ForecastQps, 1e-4);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("ten")]
    [InlineData("99999")]
    public void Load_BadSamplesPerStep_SaysWhatIsAllowed(string value)
    {
        using var model = OnnxModel.Load("lstm", Lstm("samples_per_step", value), new ModelOptions { MaxBatch = 1 });

        var refused = Assert.Throws<ModelException>(() => new OnnxSequenceModel(model));

        Assert.Contains($"\"{value}\"; allowed: a whole number from 1 to 3600", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingFile_NamesIt() =>
        Assert.Contains("nowhere.onnx", Assert.Throws<ModelException>(() => OnnxSequenceModel.Load("nowhere.onnx")).Message, StringComparison.Ordinal);

    private static byte[] Lstm(string key, string value) => new TinyOnnx()
        .Input("x", TinyOnnx.Float, "N", 3, 1)
        .Output("y", TinyOnnx.Float, "N", 1)
        .Constant("w", Weights, 1, 4, 1)
        .Constant("r", Recurrent, 1, 4, 1)
        .Constant("shape", [-1L, 1L], 2)
        .Constant("scale", [100f], 1)
        .Node("Transpose", ["x"], ["t"], ("perm", new long[] { 1, 0, 2 }))
        .Node("LSTM", ["t", "w", "r"], ["all", "last"], ("hidden_size", 1L))
        .Node("Reshape", ["last", "shape"], ["h"])
        .Node("Mul", ["h", "scale"], ["y"])
        .Metadata(key, value)
        .ToBytes();

    private static double ByHand(float[] rates)
    {
        var (hidden, cell) = (0.0, 0.0);
        foreach (var rate in rates)
        {
            double Gate(int gate) => (Weights[gate] * rate) + (Recurrent[gate] * hidden);
            var (input, output, forget, fresh) = (Sigmoid(Gate(0)), Sigmoid(Gate(1)), Sigmoid(Gate(2)), Math.Tanh(Gate(3)));
            cell = (forget * cell) + (input * fresh);
            hidden = output * Math.Tanh(cell);
        }

        return hidden;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
