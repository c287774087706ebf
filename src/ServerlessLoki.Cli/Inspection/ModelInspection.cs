using System.Collections.Immutable;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Cli.Inspection;

/// <summary>Result of an inspection: the model, how it is served, and the remaining limits.</summary>
/// <param name="Facts">Facts of the files.</param>
/// <param name="LooksLike">Likeliest guess.</param>
/// <param name="ServedAs">Likeliest guess that <c>loki up</c> serves; raw tensors where it serves none.</param>
/// <param name="Draft">Pipeline file for that guess.</param>
/// <param name="Limits">Remaining limits, with their cures.</param>
internal sealed record ModelInspection(ModelFacts Facts, Guess LooksLike, Guess ServedAs, PipelineDraft Draft, ImmutableArray<Limit> Limits)
{
    /// <summary>True where <c>loki up</c> serves the draft.</summary>
    public bool IsServed => Draft.Faults.IsEmpty;

    /// <summary>Assumptions, where the files state nothing.</summary>
    public ImmutableArray<string> Assumed =>
        [.. ServedAs.Assumed, $"\"accuracy\" 1 and \"sloMs\" {PipelineDraft.SloMs} stand for your own figures"];

    /// <summary>Tries the guesses, the likeliest first, with the checks of <c>loki up</c>.</summary>
    /// <param name="facts">Facts of the model.</param>
    /// <param name="folder">Folder for the pipeline file.</param>
    public static ModelInspection Of(ModelFacts facts, string folder)
    {
        ImmutableArray<Guess> guesses = [.. PictureGuesses.Of(facts), .. TextGuesses.Of(facts), .. SoundGuesses.Of(facts), TensorGuess.Of(facts)];
        var limits = new List<Limit>(facts.Beside.Unreadable);
        foreach (var guess in guesses)
        {
            var draft = PipelineDraft.Of(guess, facts, folder);
            if (!draft.Faults.IsEmpty && guess != guesses[^1])
            {
                limits.AddRange(draft.Faults.Select(f => new Limit($"as {guess.Kind}: {Told(f)}")));
                continue;
            }

            limits.AddRange(draft.Faults.Select(static f => new Limit($"it is not served: {Told(f)}")));
            limits.AddRange(guess.Limits);
            limits.AddRange(new[] { PictureGuesses.OpenSize(facts), TextGuesses.Missing(facts) }.OfType<Limit>());
            if (draft.Faults.IsEmpty)
                limits.AddRange(Batch(facts, draft));
            return new ModelInspection(facts, guesses[0], guess, draft, [.. limits.DistinctBy(static l => l.What, StringComparer.Ordinal)]);
        }

        throw new InvalidOperationException("The last guess is always taken.");
    }

    /// <summary>Writes a fault without its place, since the file was generated here.</summary>
    private static string Told(Fault fault) => fault.ToString()[(fault.Path.Length + 2)..];

    private static IEnumerable<Limit> Batch(ModelFacts facts, PipelineDraft draft)
    {
        var open = facts.UltralyticsTask is not null ? "export it with batch=8: smaller batches are filled up" : "export it with an open first dimension (dynamic_axes of torch.onnx.export)";
        if (!facts.HasBatch)
            yield return new Limit("its inputs have no dimension in common that could be the batch: each run is one query", $"{open}, where the model is no recurrent one");
        else if (draft.HeldBecause is { } because)
            yield return new Limit($"it runs one row at a time: {because.TrimEnd('.')}", $"{open} that every output has too");
        else if (facts.FixedBatch == 1)
            yield return new Limit("its batch is fixed to 1, so that queries do not share runs", open);
    }
}
