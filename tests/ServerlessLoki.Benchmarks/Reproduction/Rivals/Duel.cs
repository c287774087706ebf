using System.Text.Json.Serialization;

namespace ServerlessLoki.Benchmarks.Reproduction.Rivals;

/// <summary><c>unified</c> beside one rival in one experiment, as the summary shows it.</summary>
/// <param name="Experiment">Name of the experiment.</param>
/// <param name="Rival">Name of the policy.</param>
/// <param name="Setting">Its setting; "published" for the paper's.</param>
/// <param name="Ours">Violations, accuracy and cost of <c>unified</c>.</param>
/// <param name="Theirs">Those of the rival.</param>
/// <param name="Bound">Those of the clairvoyant bound; null where there is none.</param>
/// <param name="Verdicts">For each figure: −1 worse, 0 equal, 1 better.</param>
internal sealed record Duel(string Experiment, string Rival, string Setting, Duel.Figures Ours, Duel.Figures Theirs, Duel.Figures? Bound, int[] Verdicts)
{
    private static readonly string[] Names = ["violations", "accuracy", "cost"];

    /// <summary>Whether <c>unified</c> is no worse in any figure.</summary>
    [JsonIgnore]
    public bool IsNoWorse => !Verdicts.Contains(-1);

    /// <summary>In words: better or equal; or what is worse, and beside it what is better.</summary>
    [JsonIgnore]
    public string Words => IsNoWorse
        ? Verdicts.Contains(1) ? $"better ({List(1)})" : "equal"
        : $"**worse** ({List(-1)})" + (Verdicts.Contains(1) ? $", better ({List(1)})" : "");

    private string List(int verdict) => string.Join(", ", Names.Where((_, i) => Verdicts[i] == verdict));

    /// <summary>Three figures; NaN where there is none.</summary>
    [method: JsonConstructor]
    internal sealed record Figures(double Violation, double Accuracy, double Cost);
}
