using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Models;

/// <summary>One slot's runs of a model whose rows have no size known before: open dimensions, text, maps, or no batch dimension. Not
/// thread-safe: one batch at a time.</summary>
/// <remarks>Rows of one shape run together, rows of other shapes apart: none is padded, so each gets what it gets alone. What a run gives is
/// copied out of it row by row; <see cref="ModelRunner"/> is for models that need no copies.</remarks>
internal sealed class LooseRunner : ISampleRunner
{
    private readonly OnnxModel _model;
    private readonly RunOptions _options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
    private readonly List<LooseRow[]> _rows = [];
    private readonly List<ImmutableArray<TensorPart>> _outputs = [];
    private readonly LooseInputs _inputs;
    private bool _disposed;

    internal LooseRunner(OnnxModel model) => (_model, _inputs) = (model, new LooseInputs(model));

    public OnnxModel Model => _model;

    /// <summary>Largest batch, rows.</summary>
    public int MaxBatch => _model.MaxBatch;

    /// <summary>Sets one input of a row of the next run.</summary>
    /// <exception cref="ModelException">The model takes another shape, or the bytes do not match the shape.</exception>
    public void Set(int row, int input, LooseRow value)
    {
        while (_rows.Count <= row)
            _rows.Add(new LooseRow[_model.Inputs.Length]);
        _model.Inputs[input].CheckRow(value, _model.HasBatch);
        _rows[row][input] = value;
    }

    /// <summary>Runs the first rows.</summary>
    /// <exception cref="ModelException">The model failed.</exception>
    public void Run(int batch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _outputs.Clear();
        for (var row = 0; row < batch; row++)
            _outputs.Add(default);
        for (var row = 0; row < batch; row++)
        {
            if (_outputs[row].IsDefault)
                RunAlike([.. Enumerable.Range(row, batch - row).Where(r => _outputs[r].IsDefault && AreAlike(row, r)).Take(_model.HasBatch ? _model.MaxBatch : 1)]);
        }
    }

    /// <summary>Returns the outputs of a row of the last run, in the order of the model's description.</summary>
    public ImmutableArray<TensorPart> OutputsOf(int row) => _outputs[row];

    /// <summary>Returns one input of a row of the last run.</summary>
    public LooseRow InputOf(int row, int input) => _rows[row][input];

    /// <summary>Releases rows and outputs: their memory may be large, and may belong to the caller.</summary>
    public void Clear()
    {
        _rows.Clear();
        _outputs.Clear();
        _inputs.Trim();
    }

    /// <summary>Runs once on zeros of the usual or else the least size, so that the first query is not slower. A model may refuse
    /// zeros.</summary>
    public void WarmUp()
    {
        for (var i = 0; i < _model.Inputs.Length; i++)
            Set(0, i, _model.Inputs[i].Zeros(_model.HasBatch, _model.UsualLength ?? 1));
        try
        {
            Run(1);
        }
        catch (ModelException exception) when (!exception.IsOfTheMachine)
        {
            // An empty text, or a length that the graph does not take: queries bring others.
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _inputs.Dispose();
        _options.Dispose();
        _model.Release();
    }

    private bool AreAlike(int a, int b)
    {
        for (var i = 0; i < _model.Inputs.Length; i++)
        {
            if (!_rows[a][i].Shape.AsSpan().SequenceEqual(_rows[b][i].Shape))
                return false;
        }

        return true;
    }

    private void RunAlike(int[] rows)
    {
        var values = new List<OrtValue>(_model.Inputs.Length);
        try
        {
            for (var i = 0; i < _model.Inputs.Length; i++)
                values.Add(_inputs.Of(_model.Inputs[i], [.. rows.Select(r => _rows[r][i])]));
            using var found = _model.Session.Run(
                _options, _model.RunNames, [.. values, .. _model.Constants.For(_model.FixedBatch ?? rows.Length)], _model.Session.OutputNames);
            var parts = rows.Select(_ => ImmutableArray.CreateBuilder<TensorPart>()).ToArray();
            foreach (var output in _model.Outputs)
                LooseOutputs.Add(_model, output, found[output.Index], parts);
            for (var i = 0; i < rows.Length; i++)
                _outputs[rows[i]] = parts[i].ToImmutable();
        }
        catch (OnnxRuntimeException e)
        {
            // Memory that is not there is the rows' fault where they choose how much is needed: alone, they are refused.
            var (cause, isOfTheMachine) = (RuntimeCause.Of(e), RuntimeCause.IsOfTheMachine(e) && !RuntimeCause.IsOfMemory(e));
            throw new ModelException($"Model '{_model.Name}' failed on a batch of {rows.Length}: {cause}", e) { Cause = cause, IsOfTheMachine = isOfTheMachine };
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }
}
