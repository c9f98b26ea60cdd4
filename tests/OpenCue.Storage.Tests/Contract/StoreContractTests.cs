using OpenCue.Storage.Tests.Support;

namespace OpenCue.Storage.Tests.Contract;

public sealed class MemoryContractTests : StoreContract
{
    protected override Task<StoreHome> CreateHomeAsync() => Task.FromResult<StoreHome>(new MemoryHome());
}

public sealed class SqliteContractTests : SqlStoreContract
{
    protected override Task<StoreHome> CreateHomeAsync() => Task.FromResult<StoreHome>(new SqliteHome());
}

public sealed class PostgresContractTests(PostgresServer server) : SqlStoreContract
{
    protected override async Task<StoreHome> CreateHomeAsync() => await PostgresHome.CreateAsync(server);
}
