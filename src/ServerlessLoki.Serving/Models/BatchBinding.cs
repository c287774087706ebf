using Microsoft.ML.OnnxRuntime;

namespace ServerlessLoki.Serving.Models;

/// <summary>A runner's buffers bound to the session for one batch size.</summary>
internal sealed class BatchBinding : IDisposable
{
    private readonly OnnxModel _model;
    private readonly int _batch;
    private readonly List<OrtValue> _values = [];
    private readonly string[] _looseOutputs = [];

    internal BatchBinding(OnnxModel model, NativeBuffer[] inputs, NativeBuffer?[] outputs, int batch)
    {
        (_model, _batch) = (model, batch);
        Binding = model.Session.CreateIoBinding();
        try
        {
            foreach (var input in model.Inputs) _values.Add(Tensor(input, inputs[input.Index].Pointer, batch));
            BindInputs();
            foreach (var (name, value) in model.Constants.Names.Zip(model.Constants.For(batch))) Binding.BindInput(name, value);
            foreach (var output in model.Outputs)
            {
                if (outputs[output.Index] is not { } buffer) continue;
                var value = Tensor(output, buffer.Pointer, batch);
                _values.Add(value);
                Binding.BindOutput(output.Name, value);
            }
            // Last, so that they are the last of GetOutputValues.
            _looseOutputs = [.. model.Outputs.Where(o => outputs[o.Index] is null).Select(o => o.Name)];
            LoosenOutputs();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal OrtIoBinding Binding { get; }

    /// <summary>True when the first input is bound to foreign memory: it must be bound again before a run of the runner's own
    /// input.</summary>
    internal bool HasBorrowed { get; private set; }

    public void Dispose()
    {
        Binding.Dispose();
        foreach (var value in _values) value.Dispose();
    }

    internal void BindInputs()
    {
        foreach (var input in _model.Inputs) Binding.BindInput(input.Name, _values[input.Index]);
        HasBorrowed = false;
    }

    /// <summary>Removes the last run's buffers of outputs without a fixed size: bound, they would have to fit the next run.</summary>
    internal void LoosenOutputs()
    {
        foreach (var output in _looseOutputs) Binding.BindOutputToDevice(output, OrtMemoryInfo.DefaultInstance);
    }

    /// <summary>Binds the first input to rows in foreign memory, for one run. The caller disposes the value and keeps the rows in place
    /// until then.</summary>
    internal OrtValue Borrow(nint rows)
    {
        var input = _model.Inputs[0];
        var value = Tensor(input, rows, _batch);
        HasBorrowed = true;
        Binding.BindInput(input.Name, value);
        return value;
    }

    /// <summary>Returns all outputs where some have a size that only the run knows; null otherwise. The caller disposes the
    /// result.</summary>
    internal IDisposableReadOnlyCollection<OrtValue>? TakeLooseOutputs() => _looseOutputs.Length > 0 ? Binding.GetOutputValues() : null;

    private static OrtValue Tensor(ModelTensor tensor, nint rows, int batch) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, tensor.ElementType, tensor.ShapeFor(batch), rows, (long)batch * tensor.RowBytes!.Value);
}
