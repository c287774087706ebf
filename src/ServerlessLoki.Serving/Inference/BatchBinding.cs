using Microsoft.ML.OnnxRuntime;

namespace ServerlessLoki.Serving.Inference;

/// <summary>A runner's buffers bound to the session for one batch size.</summary>
internal sealed class BatchBinding : IDisposable
{
    private readonly OnnxModel _model;
    private readonly List<OrtValue> _values = [];
    private readonly bool _hasLooseOutputs;

    internal BatchBinding(OnnxModel model, NativeBuffer[] inputs, NativeBuffer?[] outputs, int batch)
    {
        _model = model;
        Binding = model.Session.CreateIoBinding();
        try
        {
            foreach (var input in model.Inputs) _values.Add(Tensor(input, inputs[input.Index], batch));
            BindInputs();
            foreach (var output in model.Outputs)
            {
                if (outputs[output.Index] is not { } buffer) continue;
                var value = Tensor(output, buffer, batch);
                _values.Add(value);
                Binding.BindOutput(output.Name, value);
            }
            // Last, so that they are the last of GetOutputValues.
            foreach (var output in model.Outputs)
            {
                if (outputs[output.Index] is not null) continue;
                Binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
                _hasLooseOutputs = true;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal OrtIoBinding Binding { get; }

    public void Dispose()
    {
        Binding.Dispose();
        foreach (var value in _values) value.Dispose();
    }

    internal void BindInputs()
    {
        foreach (var input in _model.Inputs) Binding.BindInput(input.Name, _values[input.Index]);
    }

    /// <summary>All outputs, where some have a size that only the run knows; null otherwise. The caller disposes it.</summary>
    internal IDisposableReadOnlyCollection<OrtValue>? TakeLooseOutputs() => _hasLooseOutputs ? Binding.GetOutputValues() : null;

    private static OrtValue Tensor(ModelTensor tensor, NativeBuffer buffer, int batch) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, tensor.ElementType, tensor.ShapeFor(batch), buffer.Pointer, (long)batch * tensor.RowBytes!.Value);
}
