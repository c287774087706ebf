using System.Globalization;
using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Models;

/// <summary>Learned forecaster in an ONNX file: FP32 input [N, steps] or [N, steps, 1] of rates, oldest first, and an FP32 output whose
/// first value is the expected rate. Thread-safe.</summary>
/// <remarks>The file's metadata may name under <see cref="SamplesPerStepKey"/> how many samples (seconds) one step is the maximum of.</remarks>
internal sealed class OnnxSequenceModel : ISequenceModel, IDisposable
{
    /// <summary>Metadata key for <see cref="SamplesPerStep"/>.</summary>
    public const string SamplesPerStepKey = "samples_per_step";

    /// <summary>Default where the file does not say: ten seconds (IPA, LSTM predictor).</summary>
    public const int DefaultSamplesPerStep = 10;
    private const int MaxSamplesPerStep = 3600;
    private readonly OnnxModel _model;
    private readonly ModelRunner _runner;
    private readonly Lock _gate = new();

    /// <summary>Makes the forecaster and takes ownership of the model.</summary>
    /// <param name="model">Loaded model.</param>
    /// <exception cref="ModelException">The model is no forecaster.</exception>
    public OnnxSequenceModel(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Inputs.Length != 1 || model.Inputs[0].Datatype != "FP32" || model.Inputs[0].RowElements is not >= 1 || !model.IsSized)
            throw new ModelException($"Model '{model.Name}' has the input {string.Join(", ", model.Inputs)}; a forecaster has one, FP32 [N, steps] or [N, steps, 1].");
        if (model.Outputs[0].Datatype != "FP32" || model.Outputs[0].RowElements is 0)
            throw new ModelException($"Model '{model.Name}' has the output {model.Outputs[0]}; a forecaster's is FP32 [N, 1].");
        _model = model;
        Steps = model.Inputs[0].RowElements!.Value;
        SamplesPerStep = ReadSamplesPerStep(model);
        _runner = model.CreateRunner();
    }

    /// <inheritdoc/>
    public int Steps { get; }

    /// <inheritdoc/>
    public int SamplesPerStep { get; }

    /// <summary>Loads a forecaster.</summary>
    /// <param name="path">ONNX file.</param>
    /// <exception cref="ModelException">The file is missing, no model, or no forecaster.</exception>
    public static OnnxSequenceModel Load(string path)
    {
        var model = OnnxModel.Load(path, path, new ModelOptions { MaxBatch = 1 });
        try
        {
            return new OnnxSequenceModel(model);
        }
        catch (ModelException)
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public double Predict(ReadOnlySpan<float> ratesQps)
    {
        lock (_gate)
        {
            ratesQps.CopyTo(_runner.InputRow(0));
            _runner.Run(1);
            return _runner.Output()[0];
        }
    }

    /// <summary>Frees the model.</summary>
    public void Dispose()
    {
        _runner.Dispose();
        _model.Dispose();
    }

    private static int ReadSamplesPerStep(OnnxModel model)
    {
        if (!model.Metadata.TryGetValue(SamplesPerStepKey, out var text))
            return DefaultSamplesPerStep;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var samples) && samples is >= 1 and <= MaxSamplesPerStep
            ? samples
            : throw new ModelException($"Model '{model.Name}': metadata {SamplesPerStepKey} is \"{text}\"; allowed: a whole number from 1 to {MaxSamplesPerStep}.");
    }
}
