// Loaded before the program: lets it fail where nobody catches, once it has nothing more to do.
process.once('beforeExit', () => {
  const error = new Error('a mistake \u001b[31m of ours');
  if (process.env.SCOPEON_TEST_FAIL === 'rejected') Promise.reject(error);
  else throw error;
});
