using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>One stage of a pipeline: a question that several variants can answer.</summary>
public sealed class PipelineTask
{
    internal PipelineTask(int index, string name, TaskOutput output, ImmutableArray<Variant> variants)
    {
        Index = index;
        Name = name;
        Output = output;
        Variants = variants;
    }

    /// <summary>Position in <see cref="Pipeline.Tasks"/>.</summary>
    public int Index { get; }

    /// <summary>Unique in the pipeline.</summary>
    public string Name { get; }

    /// <summary>How a variant's output tensor is read.</summary>
    public TaskOutput Output { get; }

    /// <summary>At least one, in the order of the file; <see cref="Variant.Index"/> is the position here.</summary>
    public ImmutableArray<Variant> Variants { get; }

    /// <summary>Edges that lead here; empty for the root.</summary>
    public ImmutableArray<PipelineEdge> Incoming { get; internal set; } = [];

    /// <summary>Edges that leave; empty for a leaf.</summary>
    public ImmutableArray<PipelineEdge> Outgoing { get; internal set; } = [];

    /// <summary>For a task that joins branches: the task for each of whose items it runs once, when all that came of the item has
    /// ended or arrived; null = each arrival is a row of its own.</summary>
    public int? JoinsPer { get; internal set; }

    /// <summary>True when it waits for all branches, see <see cref="JoinsPer"/>.</summary>
    public bool IsJoin => JoinsPer is not null;

    /// <summary>True when its variants take texts.</summary>
    public bool TakesTexts => Variants[0].Input.Text is not null;

    /// <summary>True when its variants take sounds.</summary>
    public bool TakesSounds => Variants[0].Input.Audio is not null;

    /// <summary>True when no edge leaves.</summary>
    public bool IsLeaf => Outgoing.IsEmpty;

    /// <summary>The variant with the highest accuracy; the first of the file among equals.</summary>
    public Variant MostAccurate => Variants.MaxBy(v => v.Accuracy)!;
}
