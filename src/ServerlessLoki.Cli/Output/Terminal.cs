namespace ServerlessLoki.Cli.Output;

/// <summary>Terminal that text goes to.</summary>
/// <param name="Interactive">True for a terminal that redraws: live views instead of lines.</param>
/// <param name="Color">True when colours are wanted.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal sealed record Terminal(bool Interactive, bool Color, int Width, int Height)
{
    /// <summary>Terminal properties of a file or pipe.</summary>
    public static Terminal Plain { get; } = new(false, false, 100, 40);

    /// <summary>Detects the terminal: redirection, <c>NO_COLOR</c>, <c>TERM=dumb</c>, <c>COLUMNS</c>.</summary>
    public static Terminal Detect(bool redirected, Func<string, string?> environment)
    {
        var interactive = !redirected && environment("TERM") is not (null or "" or "dumb") && environment("CI") is null or "";
        var width = int.TryParse(environment("COLUMNS"), out var columns) && columns is >= 40 and <= 500 ? columns
            : interactive ? Console.WindowWidth : Plain.Width;
        return new Terminal(
            interactive, interactive && string.IsNullOrEmpty(environment("NO_COLOR")), Math.Max(40, width),
            interactive ? Console.WindowHeight : Plain.Height);
    }
}
