namespace ServerlessLoki.Planning.Modelling;

/// <summary>Finds the most accurate choice of one variant per task whose paths fit the latency budget.</summary>
internal static class MostAccurate
{
    /// <summary>Chooses a variant index for each task; −1 for all tasks when nothing fits.</summary>
    public static int[] Choose(PipelineSpace space, Plan? previous)
    {
        var chosen = new int[space.Graph.Tasks.Length];
        Array.Fill(chosen, -1);
        if (space.CanServe && !space.Graph.IsTree)
            return MostAccurateGraph.Choose(space, Running(space, previous)) ?? chosen;
        if (space.CanServe)
            Descend(space, task: 0, parentUs: 0, chosen, Running(space, previous));
        return chosen;
    }

    // Branches are independent given their prefix, so the best of a task is its accuracy times the weighted best below.
    private static double Descend(PipelineSpace space, int task, double parentUs, int[] chosen, HashSet<(int Task, int Variant)> running)
    {
        var best = -1.0;
        int[]? bestChosen = null;
        foreach (var candidate in space.Candidates[task].OrderByDescending(c => c.Accuracy).ThenByDescending(c => running.Contains((c.Task, c.Variant))))
        {
            var spentUs = parentUs + candidate.MinUs;
            if (spentUs + space.MinBelowUs[task] > space.BudgetUs)
                continue;
            var trial = (int[])chosen.Clone();
            trial[task] = candidate.Variant;
            var outgoing = space.Graph.Tasks[task].Outgoing;
            var below = outgoing.IsEmpty ? Weight(space, task) : outgoing.Sum(e => Descend(space, e.To, spentUs, trial, running));
            if (candidate.Accuracy * below > best)
                (best, bestChosen) = (candidate.Accuracy * below, trial);

            // Nothing later in the order can beat a choice that takes the best everywhere below.
            if (best >= candidate.Accuracy * Ceiling(space, task) * (1 - 1e-12))
                break;
        }

        bestChosen?.CopyTo(chosen, 0);
        return best;
    }

    // Among equals the variant that runs already needs no swap.
    private static HashSet<(int Task, int Variant)> Running(PipelineSpace space, Plan? previous) =>
        [.. (previous?.Slots ?? []).Where(s => s.Pipeline == space.Index).Select(s => (s.Task, s.Variant))];

    private static double Ceiling(PipelineSpace space, int task)
    {
        var outgoing = space.Graph.Tasks[task].Outgoing;
        return outgoing.IsEmpty
            ? Weight(space, task)
            : outgoing.Sum(e => space.Candidates[e.To].Max(c => c.Accuracy) * Ceiling(space, e.To));
    }

    // A leaf that is never reached still deserves its best variant.
    private static double Weight(PipelineSpace space, int task) => Math.Max(1e-6, space.LeafWeights[task]);
}
