namespace ServerlessLoki.Cli.Charts;

/// <summary>Colours that can be told apart on white and on near-black, also by most colour-blind readers.</summary>
internal static class ChartColors
{
    /// <summary>The policy that is shown.</summary>
    public const string Main = "#2f7de1";

    /// <summary>What it is compared with.</summary>
    public const string Other = "#e8833a";

    /// <summary>Demand, objectives: given, not achieved.</summary>
    public const string Given = "#8a8f98";

    private static readonly string[] Ramp = ["#f2b134", "#e0663a", "#b5478f", "#6f5bd0", "#2f7de1", "#1f9e89", "#5b8c2a", "#8a8f98"];

    /// <summary>Colour of the variant with rank <paramref name="index"/> of <paramref name="count"/>, the least accurate first:
    /// warm for quick and rough, cool for slow and exact.</summary>
    public static string Rank(int index, int count) => count <= 1
        ? Ramp[4]
        : count <= 5 ? Ramp[(int)Math.Round(index * 4.0 / (count - 1))] : Ramp[index % Ramp.Length];
}
