using System.Text;
using Spectre.Console;

namespace ServerlessLoki.Cli.Output;

/// <summary>Console of a command: texts go to <see cref="Screen"/>, the JSON document to standard output.</summary>
/// <remarks>With <c>--json</c> the screen is standard error, so that standard output holds the document and nothing else.</remarks>
internal sealed class CliConsole
{
    private readonly TextWriter _out;
    private bool _isDocumented;

    /// <summary>Makes the console over the process's writers.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="json">True when the user asked for JSON.</param>
    /// <param name="terminal">Terminal that the screen's writer is connected to.</param>
    public CliConsole(TextWriter output, TextWriter error, bool json, Terminal terminal)
    {
        _out = output;
        Json = json;
        Terminal = terminal;
        Screen = Create(json ? error : output, terminal);
        Errors = json ? Screen : Create(error, terminal);
    }

    /// <summary>True when the user asked for JSON.</summary>
    public bool Json { get; }

    /// <summary>Terminal of the screen.</summary>
    public Terminal Terminal { get; }

    /// <summary>Console for texts.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>Console for errors.</summary>
    public IAnsiConsole Errors { get; }

    /// <summary>Writes the JSON document, if the user asked for it. Later failures are reported by text and exit code only.</summary>
    public void Document<T>(T document)
    {
        if (!Json || _isDocumented)
            return;
        _out.WriteLine(JsonOutput.Serialize(document));
        _isDocumented = true;
    }

    /// <summary>Writes a line without wrapping or markup, so that it can be copied and searched.</summary>
    public void Line(string text = "")
    {
        Screen.Profile.Out.Writer.WriteLine(text);
        Screen.Profile.Out.Writer.Flush();
    }

    private static IAnsiConsole Create(TextWriter writer, Terminal terminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.Interactive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.Color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = terminal.Interactive ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new ScreenOutput(writer, terminal),
        });
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private sealed class ScreenOutput(TextWriter writer, Terminal terminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => terminal.Interactive;

        public int Width => terminal.Width;

        public int Height => terminal.Height;

        public void SetEncoding(Encoding encoding)
        {
            // Program has set UTF-8 for the process already; a test's writer has no encoding to set.
        }
    }
}
