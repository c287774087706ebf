namespace ServerlessLoki.Serving.Protocol;

/// <summary>Selection of the outputs of an answer, and of their form.</summary>
internal static class OutputSelection
{
    public static void Check(IReadOnlyList<RequestedOutput>? wanted, IReadOnlyCollection<string> known)
    {
        if (wanted is null)
            return;
        var faults = new FaultList();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!known.Contains(wanted[i].Name, StringComparer.Ordinal))
                faults.Add($"$.outputs[{i}].name", $"'{wanted[i].Name}' is no output; known are {string.Join(", ", known)}");
        }

        faults.ThrowIfAny();
    }

    /// <summary>Lists the outputs to write, each with its form. All names are known.</summary>
    public static List<(OutputTensor Tensor, bool Binary)> Of(
        IReadOnlyList<OutputTensor> outputs, IReadOnlyList<RequestedOutput>? wanted, bool binary)
    {
        if (wanted is null)
            return [.. outputs.Select(o => (o, binary))];
        var chosen = new List<(OutputTensor, bool)>(wanted.Count);
        foreach (var want in wanted)
        {
            foreach (var output in outputs)
            {
                if (output.Name == want.Name)
                    chosen.Add((output, want.Binary ?? binary));
            }
        }

        return chosen;
    }
}
