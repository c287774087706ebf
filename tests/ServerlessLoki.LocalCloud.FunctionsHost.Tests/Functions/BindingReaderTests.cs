using Microsoft.Extensions.Configuration;
using ServerlessLoki.LocalCloud.FunctionsHost.Functions;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Functions;

public sealed class BindingReaderTests
{
    private readonly BindingReader _reader = new(new AppSettings(new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["Bus"] = "Endpoint=sb://a", ["AzureWebJobsOther"] = "Endpoint=sb://b", ["Name"] = "orders" }).Build()));

    [Theory]
    [InlineData("Bus", "Endpoint=sb://a")]
    [InlineData("Other", "Endpoint=sb://b")]
    public void Queue_ConnectionAndName_ComeFromSettings(string connection, string value) =>
        Assert.Equal((value, "orders"), _reader.Queue(Queue(connection, "%Name%")));

    [Fact]
    public void Faults_OfAllFunctions_AreListedTogether()
    {
        Assert.Null(_reader.Queue(Queue("None", "orders")));
        Assert.Null(_reader.Queue(Queue("Bus", "%Nobody%")));
        Assert.Null(_reader.Schedule(TestFunction.Timer(""", "schedule": "now and then" """)));
        Assert.Null(_reader.Schedule(TestFunction.Timer()));
        Assert.Collection(
            Assert.Throws<SettingsException>(_reader.ThrowIfFaulty).Message.Split(Environment.NewLine),
            static f => Assert.Equal("Function 'Orders': its connection is the app setting 'None', which is not set; set it to a connection string", f),
            static f => Assert.StartsWith("Function 'Orders': '%Nobody%' names the app setting 'Nobody'", f, StringComparison.Ordinal),
            static f => Assert.StartsWith("Function 'Tick': 'now and then' is no schedule", f, StringComparison.Ordinal),
            static f => Assert.Equal("Function 'Tick': its timerTrigger has no schedule", f));
    }

    private static FunctionInfo Queue(string connection, string name) =>
        TestFunction.Of("Orders", $$"""{"name": "message", "type": "serviceBusTrigger", "queueName": "{{name}}", "connection": "{{connection}}"}""");
}
