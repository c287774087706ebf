using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Inference.Transforms;

/// <summary>An edge ready to serve: its label filter, its selectors and its producer. Immutable and thread-safe.</summary>
public sealed class EdgeTransforms
{
    private readonly ImmutableArray<(IRowSelector Selector, TransformConfig Config)> _selectors;
    private readonly IInputProducer _producer;
    private readonly TransformConfig _producerConfig;

    internal EdgeTransforms(PipelineEdge edge, ImmutableArray<(IRowSelector, TransformConfig)> selectors, IInputProducer producer, TransformConfig producerConfig)
    {
        (Edge, _selectors, _producer, _producerConfig) = (edge, selectors, producer, producerConfig);
    }

    /// <summary>The edge.</summary>
    public PipelineEdge Edge { get; }

    /// <summary>Checks two models against the edge and says what the producer needs.</summary>
    public ProducerNeeds Check(EdgeFit fit) => _producer.Check(fit) is { Fault: { } fault }
        ? new($"'{_producer.Name}': {fault}")
        : _producer.Check(fit);

    /// <summary>Which of the parent's rows become children of this edge.</summary>
    /// <param name="rows">The parent's decoded rows.</param>
    /// <param name="kept">Cleared, then filled with indices into <paramref name="rows"/>, ascending.</param>
    public void Select(IReadOnlyList<OutputRow> rows, List<int> kept)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(kept);
        kept.Clear();
        for (var i = 0; i < rows.Count; i++)
        {
            if (Edge.Labels.IsEmpty || Edge.Labels.Contains(rows[i].Label)) kept.Add(i);
        }
        foreach (var (selector, config) in _selectors) selector.Select(rows, kept, config);
    }

    /// <summary>Fills a child's input row.</summary>
    /// <param name="source">What the child is made from.</param>
    /// <param name="runner">The child's runner.</param>
    /// <param name="row">Row of the forming batch.</param>
    public void Fill(in StageSource source, ModelRunner runner, int row)
    {
        ArgumentNullException.ThrowIfNull(runner);
        _producer.Fill(source, _producerConfig, runner.Model.Inputs[0], runner.InputRowBytes(row));
    }
}
