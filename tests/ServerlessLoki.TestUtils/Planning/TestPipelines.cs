using ServerlessLoki.Pipelines;

namespace ServerlessLoki.Tests.TestData;

/// <summary>Pipelines for tests, through the reader that users have.</summary>
internal static class TestPipelines
{
    public static Pipeline Read(string json) => PipelineReader.Read(json, "test");
}
