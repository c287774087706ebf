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

    /// <summary>Name of the task, unique in the pipeline.</summary>
    public string Name { get; }

    /// <summary>Decoding of a variant's output tensors.</summary>
    public TaskOutput Output { get; }

    /// <summary>Variants of the task in the order of the file, at least one; <see cref="Variant.Index"/> is the position here.</summary>
    public ImmutableArray<Variant> Variants { get; }

    /// <summary>Edges that lead to this task; empty for the root.</summary>
    public ImmutableArray<PipelineEdge> Incoming { get; internal set; } = [];

    /// <summary>Edges that leave this task; empty for a leaf.</summary>
    public ImmutableArray<PipelineEdge> Outgoing { get; internal set; } = [];

    /// <summary>Index of the task per whose items this task joins: it runs once for each such item, when everything that the item led to
    /// has arrived or ended. Null where the task does not join, and each arrival is a row of its own.</summary>
    public int? JoinsPer { get; internal set; }

    /// <summary>True when the task waits for all branches, see <see cref="JoinsPer"/>.</summary>
    public bool IsJoin => JoinsPer is not null;

    /// <summary>True when its variants take texts.</summary>
    public bool TakesTexts => Variants[0].Input.Text is not null;

    /// <summary>True when its variants take sounds.</summary>
    public bool TakesSounds => Variants[0].Input.Audio is not null;

    /// <summary>True when no edge leaves.</summary>
    public bool IsLeaf => Outgoing.IsEmpty;

    /// <summary>Variant with the highest accuracy; the first of the file among equals.</summary>
    public Variant MostAccurate => Variants.MaxBy(v => v.Accuracy)!;
}
