using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Serving.Models;

/// <summary>Inputs of a model that have the same value in every run. Callers do not see them. Thread-safe.</summary>
internal sealed class ModelConstants : IDisposable
{
    /// <summary>Most bytes of all constants of one model at its largest batch.</summary>
    private const long MostBytes = 256 << 20;

    private readonly ImmutableArray<ModelConstant> _all;

    private ModelConstants(ImmutableArray<ModelConstant> all)
    {
        _all = all;
        Names = [.. all.Select(static c => c.Tensor.Name)];
        Text = string.Join(';', all.Select(static c =>
            $"{c.Tensor.Name}={string.Join(',', c.Value.Numbers.Select(static v => v.ToString("R", CultureInfo.InvariantCulture)))}{string.Join(',', c.Value.Texts.Select(static t => $"{t.Length}:{t}"))}"));
    }

    /// <summary>The inputs' names, in the order of the values.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Names with their values; equal texts stand for equal constants.</summary>
    public string Text { get; }

    /// <summary>Finds the inputs, or initialisers that callers may replace.</summary>
    /// <param name="session">Session of the model.</param>
    /// <param name="values">Values by the inputs' names.</param>
    /// <param name="maxBatch">Most rows of a run.</param>
    /// <exception cref="ModelException">Names or values do not fit the model; says all of it.</exception>
    public static ModelConstants Of(InferenceSession session, ImmutableSortedDictionary<string, TensorConstant> values, int maxBatch)
    {
        var faults = new List<string>();
        var all = ImmutableArray.CreateBuilder<ModelConstant>();
        foreach (var (name, value) in values)
        {
            if (!session.InputMetadata.TryGetValue(name, out var node) && !session.OverridableInitializerMetadata.TryGetValue(name, out node))
            {
                faults.Add($"\"constants\" names '{name}', which is no input of it; it has {string.Join(", ", session.InputNames.Concat(session.OverridableInitializerMetadata.Keys))}");
                continue;
            }

            var constant = new ModelConstant(ModelTensor.From(name, 0, node), value, maxBatch);
            if (constant.Fault() is { } fault)
                faults.Add(fault);
            all.Add(constant);
        }

        if (faults.Count == 0 && all.Sum(static c => c.MostBytes) is var bytes && bytes > MostBytes)
            faults.Add($"its constants have {bytes / (1 << 20):0} MB at a batch of {maxBatch}; at most {MostBytes >> 20} MB are served: export {string.Join(", ", all.Select(static c => c.Tensor))} inside the graph, or with fixed dimensions");
        return faults.Count == 0 ? new ModelConstants(all.ToImmutable()) : throw new ModelException($"{string.Join("; ", faults)}.");
    }

    /// <summary>The values for a run, in the order of <see cref="Names"/>; they stay this object's.</summary>
    /// <param name="batch">Rows of the run.</param>
    public IEnumerable<OrtValue> For(int batch) => _all.Select(c => c.For(batch));

    public void Dispose()
    {
        foreach (var constant in _all)
            constant.Dispose();
    }
}
