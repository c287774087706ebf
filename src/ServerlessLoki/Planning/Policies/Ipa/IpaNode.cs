namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Choices for a task and everything below it, or for several such subtrees side by side.</summary>
/// <param name="Choice">Choice of the task; null where subtrees are only joined.</param>
/// <param name="Left">Choices below the task, or the first subtree; null at a leaf.</param>
/// <param name="Right">The other subtree; null below a task.</param>
/// <param name="Value">Figures of the node.</param>
internal sealed record IpaNode(IpaChoice? Choice, IpaNode? Left, IpaNode? Right, IpaValue Value)
{
    /// <summary>Fills [task] with the choices made here.</summary>
    public void Read(IpaChoice?[] choices)
    {
        if (Choice is not null)
            choices[Choice.Task] = Choice;
        Left?.Read(choices);
        Right?.Read(choices);
    }
}

/// <summary>Figures of a partial choice.</summary>
/// <param name="Score">Score of the subtree.</param>
/// <param name="Cost">β·cores + δ·batches.</param>
/// <param name="Cores">Σ n·R.</param>
/// <param name="TimeUs">Slowest path down from here, microseconds.</param>
internal readonly record struct IpaValue(double Score, double Cost, int Cores, double TimeUs);
