using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Settings;

public sealed class HostOptionsTests : IDisposable
{
    private readonly AppFolder _app = new();

    [Fact]
    public void Parse_OnlyTheApp_StandardPortAndNoKeys()
    {
        _app.Write(WorkerDescription.FileName, "{}");
        Assert.Equal(new HostOptions(_app.Path, 7071, null), HostOptions.Parse(["--app", _app.Path]));
    }

    [Fact]
    public void Parse_All_IsRead()
    {
        _app.Write(WorkerDescription.FileName, "{}");
        Assert.Equal(new HostOptions(_app.Path, 0, new HttpKeys("f", "m")), HostOptions.Parse(["--port", "0", "--keys", "f,m", "--app", _app.Path]));
    }

    [Fact]
    public void Parse_Faults_AreAllListed()
    {
        var exception = Assert.Throws<SettingsException>(() => HostOptions.Parse(["--port", "70000", "--keys", "one", "--prot", "--app", _app.Path]));
        Assert.Collection(
            exception.Message.Split(Environment.NewLine),
            f => Assert.StartsWith("--port is '70000'", f, StringComparison.Ordinal),
            f => Assert.StartsWith("--keys takes two keys", f, StringComparison.Ordinal),
            f => Assert.StartsWith("'--prot' is not an option", f, StringComparison.Ordinal),
            f => Assert.StartsWith($"--app is '{_app.Path}', which has no worker.config.json", f, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--app is missing")]
    [InlineData("--app has no value", "--app")]
    public void Parse_NoApp_IsAFault(string fault, params string[] arguments) =>
        Assert.StartsWith(fault, Assert.Throws<SettingsException>(() => HostOptions.Parse(arguments)).Message, StringComparison.Ordinal);

    public void Dispose() => _app.Dispose();
}
