namespace ServerlessLoki.Simulation.Rules;

/// <summary>Which slot runs which variant: a slot keeps its variant while the plan has a place for it, so swaps are fewest.</summary>
internal static class SlotMatching
{
    /// <summary>Matches slots to wanted replicas.</summary>
    /// <param name="current">What each slot runs now; −1 = free.</param>
    /// <param name="wanted">Replicas by stage; the excess over the slots finds no place.</param>
    /// <returns>What each slot shall run; −1 = free.</returns>
    public static int[] Match(ReadOnlySpan<int> current, ReadOnlySpan<int> wanted)
    {
        var left = wanted.ToArray();
        var next = new int[current.Length];
        for (var i = 0; i < next.Length; i++)
        {
            next[i] = -1;
            if (current[i] >= 0 && left[current[i]] > 0)
            {
                next[i] = current[i];
                left[current[i]]--;
            }
        }

        var stage = 0;
        for (var i = 0; i < next.Length; i++)
        {
            if (next[i] >= 0)
                continue;
            while (stage < left.Length && left[stage] == 0)
                stage++;
            if (stage == left.Length)
                break;
            next[i] = stage;
            left[stage]--;
        }

        return next;
    }
}
