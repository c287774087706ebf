using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Edge prepared for serving: its label filter, its selectors and its producer. Immutable and thread-safe.</summary>
public sealed class EdgeTransforms
{
    private readonly ImmutableArray<(IRowSelector Selector, TransformConfig Config)> _selectors;
    private readonly IInputProducer _producer;
    private readonly TransformConfig _producerConfig;

    internal EdgeTransforms(PipelineEdge edge, ImmutableArray<(IRowSelector, TransformConfig)> selectors, IInputProducer producer, TransformConfig producerConfig)
    {
        (Edge, _selectors, _producer, _producerConfig) = (edge, selectors, producer, producerConfig);
        Source = producer switch
        {
            PassText => EdgeSource.ParentText,
            PassTensor => EdgeSource.ParentTensors,
            OwnInput => EdgeSource.Query,
            _ => EdgeSource.Producer,
        };
    }

    /// <summary>Edge that the transforms belong to.</summary>
    public PipelineEdge Edge { get; }

    /// <summary>What children along this edge are made from.</summary>
    internal EdgeSource Source { get; }

    /// <summary>True where the file names the transform that makes the child's input.</summary>
    internal bool IsGiven { get; init; } = true;

    /// <summary>Checks two models against the edge and says what the producer needs.</summary>
    public ProducerNeeds Check(EdgeFit fit) => _producer.Check(fit) is { Fault: { } fault }
        ? new($"'{_producer.Name}': {fault}")
        : _producer.Check(fit);

    /// <summary>Checks an edge into a join, for its part of the input. Without <c>concat</c> the producer fills the whole input, from the
    /// query's image only.</summary>
    internal ProducerNeeds CheckPart(EdgeFit fit)
    {
        if (PartValues is not null)
            return Check(fit with { Part = _producerConfig });
        var needs = Check(fit);
        return needs.Fault is null && (needs.ParentTensor || _producer is not (Identity or OwnInput))
            ? new ProducerNeeds($"'{_producer.Name}': a join lays what arrives side by side; only 'concat' does, or 'query' for the query's own input.")
            : needs;
    }

    /// <summary>Number of values of the edge's part of a join's input; null where the producer fills the whole input.</summary>
    internal int? PartValues => _producer is Concat ? Concat.PartValues(_producerConfig) : null;

    /// <summary>Number of values of each arrival in that part.</summary>
    internal int ArrivalValues => (int)_producerConfig.Number("size", 0);

    /// <summary>Fills an arrival's place in a join's input.</summary>
    internal void FillPart(in StageSource source, ModelTensor input, Span<byte> target) => _producer.Fill(source, _producerConfig, input, target);

    /// <summary>Selects the parent's rows that become children of this edge.</summary>
    /// <param name="rows">Decoded rows of the parent.</param>
    /// <param name="kept">Receives indices into <paramref name="rows"/>, ascending; cleared first.</param>
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
    /// <param name="source">Source of the child's input.</param>
    /// <param name="runner">Runner of the child.</param>
    /// <param name="row">Row of the forming batch.</param>
    public void Fill(in StageSource source, ModelRunner runner, int row)
    {
        ArgumentNullException.ThrowIfNull(runner);
        _producer.Fill(source, _producerConfig, runner.Model.Inputs[0], runner.InputRowBytes(row));
    }

    /// <summary>Makes the inputs of a child that gets tensors of its parent, in the model's order.</summary>
    internal IEnumerable<LooseRow> Tensors(StageItem item, OnnxModel child) => PassTensor.Rows(
        _producerConfig, item.Tensor ?? throw new ModelException($"Model '{child.Name}' takes tensors of its parent, which gave none."), child);

    /// <summary>Why a child cannot get its inputs from the parent by name; null if it can.</summary>
    internal string? TensorsFault(Pipeline pipeline, OnnxModel child) =>
        PassTensor.Fault(_producerConfig, pipeline.Tasks[Edge.From].Output, pipeline.Tensors.IsEmpty ? [] : pipeline.Tensors[Edge.From], child);

    /// <summary>Returns the part of the query's image that the child's input shows; null where it shows none.</summary>
    internal ImageRegion? RegionOf(in StageSource source, ModelTensor input) => _producer.RegionOf(source, _producerConfig, input);
}
