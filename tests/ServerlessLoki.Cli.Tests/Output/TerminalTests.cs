using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Tests.Output;

public sealed class TerminalTests
{
    private static Terminal Detect(bool redirected, params (string Name, string Value)[] environment) =>
        Terminal.Detect(redirected, name => environment.FirstOrDefault(e => e.Name == name).Value);

    [Fact]
    public void Detect_Redirected_IsPlain() => Assert.Equal(Terminal.Plain, Detect(true, ("TERM", "xterm")));

    [Fact]
    public void Detect_DumbOrNoTerm_DoesNotRedraw()
    {
        Assert.False(Detect(false).Interactive);
        Assert.False(Detect(false, ("TERM", "dumb")).Interactive);
        Assert.False(Detect(false, ("TERM", "xterm"), ("CI", "true")).Interactive);
    }

    [Fact]
    public void Detect_Columns_SetsTheWidth() => Assert.Equal(120, Detect(true, ("COLUMNS", "120")).Width);

    [Fact]
    public void Detect_NoColor_KeepsTheTerminalWithoutColours()
    {
        var terminal = Detect(false, ("TERM", "xterm"), ("NO_COLOR", "1"), ("COLUMNS", "80"));

        Assert.Equal((true, false), (terminal.Interactive, terminal.Color));
    }
}
