using System.Collections.Immutable;

namespace ServerlessLoki.Pipelines;

/// <summary>A validated, immutable graph of tasks that one query passes. Built by <see cref="PipelineReader"/>.</summary>
/// <remarks>Tasks are in topological order: <c>Tasks[0]</c> is the only root, and each edge points to a later task.</remarks>
public sealed class Pipeline
{
    private readonly bool[][] _reach;

    internal Pipeline(
        string name, long sloUs, PipelineInput input, ImmutableArray<PipelineTask> tasks, ImmutableArray<PipelineEdge> edges)
    {
        Name = name;
        SloUs = sloUs;
        Inputs = [input];
        Tasks = tasks;
        Edges = edges;
        Visits = PipelineWays.Visits(tasks);
        _reach = PipelineWays.Reach(tasks.Length, [.. edges.Select(e => (e.From, e.To))]);
        Sounds = [.. tasks.SelectMany(static t => t.Variants).Select(static v => v.Input.Audio).OfType<AudioForm>()];
        KeepsInput = input.IsImage || edges.Any(static e => e.TakesQuery) || tasks.Skip(1).Any(static t => t.Variants.Any(static v => v.Input.Text is { TakesQuery: true }));
        Joins = [.. tasks.Select(t => tasks.Where(j => j.JoinsPer == t.Index).Select(j => j.Index).ToImmutableArray())];
    }

    /// <summary>The pipeline's name, unique in a host; also its model name in the Open Inference Protocol.</summary>
    public string Name { get; }

    /// <summary>Latency objective of a query, arrival to answer, in microseconds.</summary>
    public long SloUs { get; }

    /// <summary>First tensor that a query brings, as the file says: the input tensor of the root task, or one of several.</summary>
    public PipelineInput Input => Inputs[0];

    /// <summary>All tensors that a query brings: the inputs of the root models where those were read.</summary>
    public ImmutableArray<PipelineInput> Inputs { get; private init; }

    /// <summary>Values that queries bring beside their input, in the order of the file.</summary>
    public ImmutableArray<PipelineParameter> Parameters { get; internal init; } = [];

    /// <summary>[task] the tensors that it hands on, as its models give them; empty where it hands on rows, and where no model was looked at.</summary>
    public ImmutableArray<ImmutableArray<TensorShape>> Tensors { get; private init; } = [];

    /// <summary>True when a query's tensors travel with their names and shapes, because there are several or their sizes are
    /// open.</summary>
    public bool PacksInputs => Inputs.Length > 1 || (!Input.IsImage && (Input.Datatype == "BYTES" || Input.Shape.Any(static d => d < 0)));

    /// <summary>True when tasks behind the first may need what the query brought: it goes with their items.</summary>
    public bool KeepsInput { get; }

    /// <summary>How sounds become inputs of variants, in the order of tasks, with what those models turned out to take; empty where queries bring none.</summary>
    public ImmutableArray<AudioForm> Sounds { get; private init; }

    /// <summary>Longest sound that a query may bring, seconds. Every root variant accepts this length, so that no route refuses it. Null
    /// where queries bring no sound.</summary>
    public double? MaxSoundSeconds => Sounds.IsEmpty ? null : Sounds.Min(static s => s.MaxSeconds);

    /// <summary>Tasks in topological order; index 0 is the root.</summary>
    public ImmutableArray<PipelineTask> Tasks { get; }

    /// <summary>Edges of the pipeline; <see cref="PipelineEdge.Index"/> is the position here.</summary>
    public ImmutableArray<PipelineEdge> Edges { get; }

    /// <summary>Ways from the root to each task, in topological order; in a tree one per task, at the task's index.</summary>
    public ImmutableArray<TaskVisit> Visits { get; }

    /// <summary>Tasks that join what an item of a task leads to, by that task, in topological order; empty for most.</summary>
    public ImmutableArray<ImmutableArray<int>> Joins { get; }

    /// <summary>True when every task has at most one incoming edge and no task joins branches.</summary>
    public bool IsTree => Visits.Length == Tasks.Length && Tasks.All(t => !t.IsJoin);

    /// <summary>Tests whether rows of one task can lead to rows of another task.</summary>
    public bool Reaches(int from, int to) => _reach[from][to];

    /// <summary>The first task of every query.</summary>
    public PipelineTask Root => Tasks[0];

    /// <summary>Returns the same pipeline with the tensors that its models take and give.</summary>
    /// <param name="inputs">Tensors that a query brings; at least one.</param>
    /// <param name="tensors">Tensors that each task hands on, by task.</param>
    public Pipeline WithTensors(ImmutableArray<PipelineInput> inputs, ImmutableArray<ImmutableArray<TensorShape>> tensors) =>
        new(Name, SloUs, inputs[0], Tasks, Edges) { Inputs = inputs, Tensors = tensors, Sounds = Sounds, Parameters = Parameters };

    /// <summary>The same pipeline with what its models turned out to take of sounds.</summary>
    /// <param name="sounds">One for each variant that takes sounds.</param>
    public Pipeline WithSounds(ImmutableArray<AudioForm> sounds) => new(Name, SloUs, Input, Tasks, Edges) { Inputs = Inputs, Tensors = Tensors, Sounds = sounds, Parameters = Parameters };

    /// <summary>Returns the same graph under another latency objective.</summary>
    /// <param name="sloUs">Latency objective, microseconds; above 0.</param>
    public Pipeline WithSlo(long sloUs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sloUs);
        return new Pipeline(Name, sloUs, Input, Tasks, Edges) { Inputs = Inputs, Tensors = Tensors, Sounds = Sounds, Parameters = Parameters };
    }

    /// <summary>Finds a task by its name; null if there is none.</summary>
    public PipelineTask? FindTask(string name) => Tasks.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.Ordinal));
}
