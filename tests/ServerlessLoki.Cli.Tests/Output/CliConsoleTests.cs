using System.Text.Json;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Tests.Output;

public sealed class CliConsoleTests
{
    [Fact]
    public void Document_Twice_StandardOutputHoldsTheFirstOnly()
    {
        var output = new StringWriter();
        var console = new CliConsole(output, new StringWriter(), json: true, Terminal.Plain);

        console.Document(new { url = "http://127.0.0.1:1/" });
        console.Document(new { error = "stopping failed" });

        using var document = JsonDocument.Parse(output.ToString());
        Assert.Equal(["url"], document.RootElement.Members());
    }
}
