using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace ServerlessLoki.Serving.Models;

/// <summary>One slot's buffers and bindings over a shared <see cref="OnnxModel"/>. Not thread-safe: one batch at a time.</summary>
/// <remarks>
/// Fill rows of the input, run, read rows of the output. Inputs and outputs lie in memory that is taken once, for the
/// largest batch; all batch sizes share it, and each has its own binding, made at its first use. At steady state a run
/// allocates nothing, unless an output has a size that only the run knows. Spans that a member returns are valid until the next run or <see cref="Dispose"/>.
/// </remarks>
public sealed class ModelRunner : ISampleRunner
{
    private readonly OnnxModel _model;
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly NativeBuffer[] _inputs;
    private readonly NativeBuffer?[] _outputs;
    private readonly BatchBinding?[] _bindings;
    private readonly OutputLayout[] _layouts;
    private readonly byte[]?[] _gathered;
    private readonly int _mostRows;
    private IDisposableReadOnlyCollection<OrtValue>? _looseOutputs;
    private int _batch;
    private bool _disposed;

    internal ModelRunner(OnnxModel model)
    {
        _model = model;
        _layouts = [.. model.Layout.Outputs];
        _mostRows = model.MaxBatch;
        _inputs = [.. model.Inputs.Select(i => Buffer(i.RowBytes!.Value))];
        _outputs = [.. model.Outputs.Select(o => _layouts[o.Index].IsBound ? Buffer(o.RowBytes!.Value) : null)];
        _gathered = new byte[]?[_outputs.Length];
        _bindings = new BatchBinding?[_mostRows + 1];

        // A model of a fixed batch that takes one row still runs all of them; the others stay zero.
        NativeBuffer Buffer(int rowBytes) => new(checked(rowBytes * (model.FixedBatch ?? _mostRows)));
    }

    /// <summary>Model that the runner runs.</summary>
    public OnnxModel Model => _model;

    /// <summary>Largest batch, rows.</summary>
    public int MaxBatch => Math.Min(_mostRows, _model.MaxBatch);

    /// <summary>Returns the first rows of an input as values.</summary>
    /// <param name="batch">Rows, 1..<see cref="MaxBatch"/>.</param>
    /// <param name="input">Position among the model's inputs.</param>
    /// <exception cref="ModelException">The input is not FP32.</exception>
    public Span<float> Input(int batch, int input = 0) => Floats(_model.Inputs[input], InputBytes(batch, input));

    /// <summary>Returns one row of an FP32 input.</summary>
    public Span<float> InputRow(int row, int input = 0) => Floats(_model.Inputs[input], InputRowBytes(row, input));

    /// <summary>Returns the first rows of an input, as bytes, row-major, little-endian.</summary>
    public Span<byte> InputBytes(int batch, int input = 0)
    {
        CheckBatch(batch);
        return _inputs[input].Bytes[..(batch * _model.Inputs[input].RowBytes!.Value)];
    }

    /// <summary>Returns one row of an input, as bytes.</summary>
    public Span<byte> InputRowBytes(int row, int input = 0)
    {
        CheckBatch(row + 1);
        var bytes = _model.Inputs[input].RowBytes!.Value;
        return _inputs[input].Bytes.Slice(row * bytes, bytes);
    }

    /// <summary>Runs the first <paramref name="batch"/> rows. Blocks the thread for as long as the model computes.</summary>
    /// <param name="batch">Rows, 1..<see cref="MaxBatch"/>.</param>
    /// <exception cref="ModelException">The model failed.</exception>
    public void Run(int batch) => Run(batch, 0);

    /// <summary>Runs rows in the caller's memory instead of the runner's own input, which saves a copy; for a model with one
    /// input.</summary>
    /// <param name="rows">Whole rows, row-major, little-endian; must not be written before the call ends.</param>
    /// <param name="batch">Number of rows, 1..<see cref="MaxBatch"/>.</param>
    /// <exception cref="ArgumentException">The memory is not that many rows, or the model has several inputs.</exception>
    /// <exception cref="ModelException">The model failed.</exception>
    public unsafe void Run(ReadOnlyMemory<byte> rows, int batch)
    {
        var own = InputBytes(batch);
        if (rows.Length != own.Length || _model.Inputs.Length != 1)
            throw new ArgumentException($"{rows.Length} bytes are not {batch} rows of the one input of '{_model.Name}'.", nameof(rows));
        using var pin = rows.Pin();
        var isInPlace = batch == (_model.FixedBatch ?? batch) && (nuint)pin.Pointer % (nuint)_model.Inputs[0].ElementBytes == 0;
        if (!isInPlace) rows.Span.CopyTo(own);
        Run(batch, isInPlace ? (nint)pin.Pointer : 0);
    }

    private void Run(int batch, nint rows)
    {
        CheckBatch(batch);
        _looseOutputs?.Dispose();
        _looseOutputs = null;
        _batch = 0;
        try
        {
            var binding = _bindings[batch] ??= new BatchBinding(_model, _inputs, _outputs, _model.FixedBatch ?? batch);
            using var borrowed = rows == 0 ? null : binding.Borrow(rows);
            // A device copies its inputs when they are bound, so that new content needs a new binding there.
            if (borrowed is null && (binding.HasBorrowed || _model.Provider != "cpu")) binding.BindInputs();
            binding.LoosenOutputs();
            _model.Session.RunWithBinding(_options, binding.Binding);
            _looseOutputs = binding.TakeLooseOutputs();
        }
        catch (OnnxRuntimeException e)
        {
            var cause = RuntimeCause.Of(e);
            throw new ModelException($"Model '{_model.Name}' failed on a batch of {batch}: {cause}", e) { Cause = cause, IsOfTheMachine = RuntimeCause.IsOfTheMachine(e) };
        }
        if (_looseOutputs is not null) TakeLoose(batch);
        _batch = batch;
    }

    /// <summary>Orders the rows of outputs that the run sized. An output cannot be divided where its size matches no row alone.</summary>
    private void TakeLoose(int batch)
    {
        var bound = _model.FixedBatch ?? batch;
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (_outputs[i] is not null || bound == 1) continue;
            var value = Loose(i);
            var shape = value.GetTensorTypeAndShape().Shape;
            var layout = _layouts[i];
            if (!(layout.Axis < 0 && batch == 1) && !layout.Holds(shape, bound))
            {
                var because = $"the size of output '{_model.Outputs[i].Name}' depends on the data";
                _model.Hold(because);
                throw new ModelException($"Model '{_model.Name}' cannot share a batch of {batch} out: {because}.") { Cause = because };
            }
            if (layout.Axis <= 0) continue;
            var bytes = value.GetTensorMutableRawData();
            if (_gathered[i]?.Length != bytes.Length) _gathered[i] = new byte[bytes.Length];
            layout.Gather(bytes, shape, bound, _gathered[i]);
        }
    }

    /// <summary>Returns the rows of an FP32 output after the last run.</summary>
    /// <param name="output">Position among the model's outputs.</param>
    public ReadOnlySpan<float> Output(int output = 0) => Floats(_model.Outputs[output], OutputBytes(output));

    /// <summary>Returns one row of an FP32 output after the last run.</summary>
    public ReadOnlySpan<float> OutputRow(int row, int output = 0) => Floats(_model.Outputs[output], OutputRowBytes(row, output));

    /// <summary>Returns an output after the last run, as bytes, row-major, little-endian.</summary>
    public ReadOnlySpan<byte> OutputBytes(int output = 0)
    {
        if (_batch == 0) throw new InvalidOperationException("Nothing was run yet.");
        var all = AllOutputBytes(output);
        return HasRows(output) ? all[..(all.Length / BoundBatch * _batch)] : all;
    }

    /// <summary>Returns one row of an output after the last run, as bytes.</summary>
    public ReadOnlySpan<byte> OutputRowBytes(int row, int output = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)_batch, nameof(row));
        var all = AllOutputBytes(output);
        if (!HasRows(output)) return all;
        var bytes = all.Length / BoundBatch;
        return all.Slice(row * bytes, bytes);
    }

    /// <summary>Returns the shape of an output after the last run, the batch first.</summary>
    public long[] OutputShape(int output = 0)
    {
        return _outputs[output] is not null
            ? _model.Outputs[output].ShapeFor(_batch)
            : _layouts[output].BatchFirst(Loose(output).GetTensorTypeAndShape().Shape, _batch);
    }

    /// <summary>Runs once per batch size on the present input, so that the first query is not slower.</summary>
    public void WarmUp(ReadOnlySpan<int> batches)
    {
        foreach (var batch in batches) Run(Math.Min(batch, MaxBatch));
    }

    /// <summary>Frees buffers and bindings; further calls do nothing.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _looseOutputs?.Dispose();
        foreach (var binding in _bindings) binding?.Dispose();
        foreach (var buffer in _inputs) buffer.Dispose();
        foreach (var buffer in _outputs) buffer?.Dispose();
        _options.Dispose();
        _model.Release();
    }

    private int BoundBatch => _model.FixedBatch ?? _batch;

    /// <summary>Tests whether an output has rows; false for one that belongs to one row as a whole, whatever its first dimension
    /// is.</summary>
    private bool HasRows(int output) => BoundBatch > 1 && _layouts[output].Axis >= 0;

    private ReadOnlySpan<byte> AllOutputBytes(int output) => _outputs[output] is { } buffer
        ? buffer.Bytes[..(BoundBatch * _model.Outputs[output].RowBytes!.Value)]
        : HasRows(output) && _layouts[output].Axis > 0 ? _gathered[output]
        : Loose(output).GetTensorMutableRawData();

    /// <summary>Returns an output whose size only the run knows, in the order in which such outputs were bound.</summary>
    private OrtValue Loose(int output)
    {
        if (_looseOutputs is null) throw new InvalidOperationException("Nothing was run yet.");
        var at = 0;
        for (var i = 0; i < _outputs.Length; i++) at += _outputs[i] is null && i < output ? 1 : 0;
        return _looseOutputs.ElementAt(_outputs.Length - _outputs.Count(o => o is null) + at);
    }

    private Span<float> Floats(ModelTensor tensor, Span<byte> bytes) => tensor.Datatype == "FP32"
        ? MemoryMarshal.Cast<byte, float>(bytes)
        : throw new ModelException($"Model '{_model.Name}': {tensor} is not FP32.");

    private ReadOnlySpan<float> Floats(ModelTensor tensor, ReadOnlySpan<byte> bytes) => tensor.Datatype == "FP32"
        ? MemoryMarshal.Cast<byte, float>(bytes)
        : throw new ModelException($"Model '{_model.Name}': {tensor} is not FP32.");

    private void CheckBatch(int batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch, _mostRows);
    }
}
