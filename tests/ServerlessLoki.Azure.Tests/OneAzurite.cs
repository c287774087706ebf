using ServerlessLoki.TestUtils;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]
