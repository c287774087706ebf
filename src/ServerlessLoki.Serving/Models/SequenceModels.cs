using ServerlessLoki.Forecasting;

namespace ServerlessLoki.Serving.Models;

/// <summary>Learned forecasters <c>onnx:FILE</c> of a host or a command: each file is loaded once and shared. Thread-safe.</summary>
/// <param name="directory">Folder that paths are relative to.</param>
public sealed class SequenceModels(string directory) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OnnxSequenceModel> _loaded = new(StringComparer.Ordinal);

    /// <summary>Loads a forecaster, unless it is loaded already; this object keeps ownership.</summary>
    /// <param name="path">ONNX file.</param>
    /// <exception cref="FormatException">The file is missing, no model, or no forecaster; says what is allowed.</exception>
    public ISequenceModel Load(string path)
    {
        var full = Path.GetFullPath(path, directory);
        lock (_gate)
        {
            if (_loaded.TryGetValue(full, out var known))
                return known;
            if (!File.Exists(full))
                throw Refused(path, $"there is no file '{full}'", null);
            try
            {
                var model = Tried(OnnxSequenceModel.Load(full));
                _loaded.Add(full, model);
                return model;
            }
            catch (Exception exception) when (exception is ModelException or IOException or UnauthorizedAccessException)
            {
                throw Refused(path, exception.Message.TrimEnd('.'), exception);
            }
        }
    }

    /// <summary>Frees all models.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var model in _loaded.Values)
                model.Dispose();
            _loaded.Clear();
        }
    }

    /// <summary>Tests a forecaster on rates, so that it does not fail at the first plan.</summary>
    private static OnnxSequenceModel Tried(OnnxSequenceModel model)
    {
        try
        {
            model.Predict(new float[model.Steps]);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static FormatException Refused(string path, string cause, Exception? inner) => new(
        $"Forecaster \"onnx:{path}\": {cause}; allowed: an ONNX file with one FP32 input [N, steps] or [N, steps, 1] of rates and an FP32 output [N, 1]", inner);
}
