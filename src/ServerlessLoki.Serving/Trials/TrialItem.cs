using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Trials;

/// <summary>Input of one task in a trial, and what came of it.</summary>
/// <param name="parent">Item that it is about, for a join the one whose branches it joins; null for the root.</param>
/// <param name="place">Places among the children of each ancestor, the outermost first: their order is the order of fan-out.</param>
/// <param name="stage">Item as stages take it.</param>
internal sealed class TrialItem(TrialItem? parent, ImmutableArray<int> place, StageItem stage)
{
    public TrialItem? Parent { get; } = parent;

    public ImmutableArray<int> Place { get; } = place;

    public StageItem Stage { get; } = stage;

    public OutputRow[] Rows { get; set; } = [];

    public RowTensor? Tensor { get; set; }

    /// <summary>Edge and row of each child, by outgoing edge; null until they were chosen.</summary>
    public List<(int Edge, int Row)>? Children { get; set; }

    /// <summary>Order of fan-out.</summary>
    public static int Compare(TrialItem a, TrialItem b) => a.Place.AsSpan().SequenceCompareTo(b.Place.AsSpan());

    /// <summary>The item itself or the ancestor that is of a task.</summary>
    public TrialItem Of(int task) => Stage.Task == task ? this : Parent!.Of(task);
}
