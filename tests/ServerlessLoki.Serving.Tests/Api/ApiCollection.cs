namespace ServerlessLoki.Serving.Tests.Api;

/// <summary>The tests of the API count pooled blocks of the process, so they run one after another.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ApiCollection
{
    public const string Name = "api";
}
