namespace ServerlessLoki.Serving.Protocol;

/// <summary>Selection of the outputs of an answer, and of their form.</summary>
internal static class OutputSelection
{
    /// <summary>Refuses unknown outputs, and requests for classes at outputs without class scores.</summary>
    /// <param name="wanted">What the request names; null = all.</param>
    /// <param name="known">Names.</param>
    /// <param name="pictures">Why an output cannot be PNG files; null if it can.</param>
    /// <param name="classes">Why an output's best classes cannot be told; null if they can.</param>
    public static void Check(IReadOnlyList<RequestedOutput>? wanted, IReadOnlyCollection<string> known, Func<string, string?> classes, Func<string, string?> pictures)
    {
        if (wanted is null)
            return;
        var faults = new FaultList();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!known.Contains(wanted[i].Name, StringComparer.Ordinal))
                faults.Add($"$.outputs[{i}].name", $"'{wanted[i].Name}' is no output; known are {string.Join(", ", known)}");
            else if (wanted[i].Classes is not null && classes(wanted[i].Name) is { } fault)
                faults.Add($"$.outputs[{i}].parameters.classification", fault);
            else if (wanted[i].IsPng && (wanted[i].Classes is null ? pictures(wanted[i].Name) : "best classes are no picture: leave one of both out") is { } other)
                faults.Add($"$.outputs[{i}].parameters.png", other);
        }

        faults.ThrowIfAny();
    }

    /// <summary>Lists the outputs to write, each with its form. All names are known.</summary>
    public static List<(OutputTensor Tensor, bool Binary)> Of(
        IReadOnlyList<OutputTensor> outputs, IReadOnlyList<RequestedOutput>? wanted, bool binary)
    {
        if (wanted is null)
            return [.. outputs.Where(static o => !o.IsOnRequest).Select(o => (o, binary))];
        var chosen = new List<(OutputTensor, bool)>(wanted.Count);
        foreach (var want in wanted)
        {
            // What a worker of an older build left out must not be missing in silence.
            var output = outputs.FirstOrDefault(o => o.Name == want.Name);
            if (output is null || (want.Classes is not null && output is { NeedsScores: true, Scores: null }))
                throw new ApiFaultException(500, "failed", $"'{want.Name}' is not in the answer of a worker: run ingress and workers of one build, and give the outputs of all variants of a task the same names.");
            chosen.Add((Form(output, want, want.Binary ?? binary), want.Binary ?? binary));
        }

        return chosen;
    }

    private static OutputTensor Form(OutputTensor output, RequestedOutput want, bool binary)
    {
        if (want.Classes is { } classes)
            return BestClasses.Of(output, classes);
        return want.IsPng ? PngMasks.Of(output, isBase64: !binary) : output;
    }
}
