using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;

namespace ServerlessLoki.Cli.Tests.Commands;

/// <summary>Every option that takes numbers, in every command: what is no number, or out of bounds, is refused in one line.</summary>
public sealed class NumberOptionTests
{
    public static TheoryData<string, string> Options()
    {
        var data = new TheoryData<string, string>();
        using var output = new StringWriter();
        foreach (var (path, option) in All(CliApp.Root(new CliConsole(output, output, json: false, Terminal.Plain), Known.BuiltIn), ""))
        {
            if (IsNumber(option.ValueType))
                data.Add(path, option.Name);
        }

        return data;
    }

    [Fact]
    public void Options_Found_AreThoseOfAllCommands() => Assert.InRange(Options().Count, 18, 100);

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Number_Malformed_IsRefusedInOneLine(string command, string option)
    {
        foreach (var text in (string[])["x", "", " ", "1,5x", "1e", "NaN", "-1e99", "0x10", "9999999999999999999999", "\u001b[31m1"])
        {
            var run = await Cli.RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), option, text]);

            Assert.Equal(2, run.Code);
            var line = Assert.Single(run.Error.Split('\n'), l => l.StartsWith($"loki: {option}: found ", StringComparison.Ordinal));
            Assert.Contains("allowed: ", line, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', run.Error);
        }
    }

    [Theory]
    [InlineData("--address", "1.2.3")]
    [InlineData("--address", "localhost")]
    [InlineData("--max-deadline", "0")]
    public async Task Up_ValueOutsideItsBounds_IsRefused(string option, string value)
    {
        var run = await Cli.RunAsync("up", option, value);

        Assert.Equal(2, run.Code);
        Assert.Contains($"loki: {option}: found '{value}', allowed: ", run.Error, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Option Option)> All(Command command, string path) =>
        command.Options.Select(o => (path, o)).Concat(command.Subcommands.SelectMany(c => All(c, $"{path} {c.Name}")));

    private static bool IsNumber(Type type)
    {
        var inner = Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type;
        return inner.IsPrimitive && inner != typeof(bool);
    }
}
