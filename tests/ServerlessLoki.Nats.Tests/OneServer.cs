using ServerlessLoki.TestUtils;

[assembly: AssemblyFixture(typeof(NatsFixture))]
